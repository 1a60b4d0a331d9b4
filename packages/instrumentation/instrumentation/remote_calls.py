"""The duration and the outcome of calls to another service."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Histogram

from .http_metrics import BUCKETS

Outcome = Literal["ok", "client_error", "server_error", "timeout", "unreachable"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class RemoteCalls:
    """Records `remote_call_duration_seconds{service,call,outcome}`; one instance per registry.

    with remote.measure("purchase") as call:
        answer = session.send(...)
        call.outcome = "ok" if answer.ok else "server_error"
    """

    def __init__(self, registry: CollectorRegistry, service: str, calls: Sequence[str]) -> None:
        duration = Histogram(
            "remote_call_duration_seconds",
            "Time that calls to another service took, by how they ended.",
            ("service", "call", "outcome"),
            buckets=BUCKETS,
            registry=registry,
        )
        self._children = {
            call: {outcome: duration.labels(service, call, outcome) for outcome in OUTCOMES}
            for call in calls
        }

    @contextmanager
    def measure(self, call: str) -> "Iterator[TimedCall]":
        """Time a `with` block; raise KeyError for a call that was not declared."""
        children, timed, started = self._children[call], TimedCall(), perf_counter()
        try:
            yield timed
        except BaseException:
            timed.outcome = timed.outcome or "unreachable"
            raise
        finally:
            children[timed.outcome or "ok"].observe(perf_counter() - started)


@dataclass(slots=True)
class TimedCall:
    """One call. Without an outcome it is `ok`, or `unreachable` if an exception escapes."""

    outcome: Outcome | None = None
