"""Clients without cookies: independent requests, as the rule assumes them."""

from __future__ import annotations

import time
from functools import partial

from bench.canary.recorded import Recording
from bench.canary.simulation import RequestCounts
from load.client import Client, Response, UnexpectedResponseError
from load.gateway import Gateway
from load.stats import Recorder
from load.traffic import Mix, Traffic

SLOW = 1.2
"""Seconds, as `make shift` has it."""
_RATE, _SECONDS = 60, 20


class FirstVisitor:
    """Requests the front page of a host without a cookie."""

    def __init__(self, gateway: Gateway, host: str, kind: str, record: Recorder) -> None:
        self._url = f"http://{host}/"
        self._client = Client(gateway, record, kind, {"User-Agent": "Mozilla/5.0 stranger"})

    def act(self, due: float) -> None:
        self._client.forget()
        self._client.send("GET", self._url, due, _check_ok)

    def leave(self) -> None:
        self._client.forget()


class RecordingVisitor(FirstVisitor):
    """A first visitor that keeps the result of each request."""

    def __init__(
        self,
        gateway: Gateway,
        version: int,
        trace: list[RequestCounts],
        number: int,
        record: Recorder,
    ) -> None:
        super().__init__(gateway, gateway.versioned("catalog", version), f"v{version}", record)
        self._trace = trace

    def act(self, due: float) -> None:
        self._client.forget()
        begun = time.monotonic()
        answer = self._client.send("GET", self._url, due, _any)
        is_bad = answer is None or answer.status >= 500
        is_slow = not is_bad and time.monotonic() - begun > SLOW
        self._trace.append(RequestCounts(1, int(is_bad), int(is_slow)))


def first_visitors(gateway: Gateway) -> Mix:
    """Return a mix of visitors of the host that both versions share."""
    return [
        (
            "first_visitors",
            lambda _, seen: FirstVisitor(gateway, gateway.merged, "first_visitors", seen),
        )
    ]


def record(gateway: Gateway) -> Recording:
    """Record the results of visitors of each version's own host, at the same time."""
    traces: dict[int, list[RequestCounts]] = {1: [], 2: []}
    mix = [
        (f"v{version}", partial(RecordingVisitor, gateway, version, trace))
        for version, trace in traces.items()
    ]
    traffic = Traffic(mix, _RATE, _SECONDS)
    with traffic:
        traffic.wait()
    return Recording(traces[1], traces[2])


def _check_ok(answer: Response) -> None:
    if answer.status != 200:
        raise UnexpectedResponseError(f"status {answer.status}")


def _any(_: Response) -> None:
    """Accept every response."""
