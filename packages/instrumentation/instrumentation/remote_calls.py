"""The duration and the outcome of calls to another service."""

from collections.abc import Sequence
from time import perf_counter
from types import TracebackType
from typing import Literal, Self, get_args

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

    def measure(self, call: str) -> "TimedCall":
        """Time a `with` block; raise KeyError for a call that was not declared."""
        return TimedCall(self._children[call])


class TimedCall:
    """One call. Without an outcome it is `ok`, or `unreachable` if an exception escapes."""

    __slots__ = ("_children", "_started", "outcome")

    def __init__(self, children: dict[Outcome, Histogram]) -> None:
        self._children = children
        self.outcome: Outcome | None = None

    def __enter__(self) -> Self:
        self._started = perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        outcome = self.outcome or ("ok" if kind is None else "unreachable")
        self._children[outcome].observe(perf_counter() - self._started)
