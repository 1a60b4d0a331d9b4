"""First visitors, each of whom comes once: independent requests, as the rule supposes them."""

from __future__ import annotations

import time
from functools import partial

from bench.canary.recorded import Recording
from bench.canary.traffic import Seen
from load.client import Client, Response, UnexpectedResponseError
from load.gateway import Gateway
from load.stats import Recorder
from load.traffic import Mix, Traffic

SLOW = 1.2
"""Seconds, as `make shift` has it."""
_RATE, _SECONDS = 60, 20


class Stranger:
    """Asks for the front page of a host, and is not known there."""

    def __init__(self, gateway: Gateway, host: str, kind: str, record: Recorder) -> None:
        self._url = f"http://{host}/"
        self._client = Client(gateway, record, kind, {"User-Agent": "Mozilla/5.0 stranger"})

    def act(self, due: float) -> None:
        self._client.forget()
        self._client.send("GET", self._url, due, _fine)

    def leave(self) -> None:
        self._client.forget()


class Witness(Stranger):
    """A stranger who notes down how each request ended."""

    def __init__(
        self, gateway: Gateway, version: int, trace: list[Seen], number: int, record: Recorder
    ) -> None:
        super().__init__(gateway, gateway.versioned("catalog", version), f"v{version}", record)
        self._trace = trace

    def act(self, due: float) -> None:
        self._client.forget()
        begun = time.monotonic()
        answer = self._client.send("GET", self._url, due, _any)
        is_bad = answer is None or answer.status >= 500
        is_slow = not is_bad and time.monotonic() - begun > SLOW
        self._trace.append(Seen(1, int(is_bad), int(is_slow)))


def strangers(gateway: Gateway) -> Mix:
    """Visitors of the host that both versions share."""
    return [("strangers", lambda _, seen: Stranger(gateway, gateway.merged, "strangers", seen))]


def record(gateway: Gateway) -> Recording:
    """What visitors of each version's own host see at the same time."""
    traces: dict[int, list[Seen]] = {1: [], 2: []}
    mix = [
        (f"v{version}", partial(Witness, gateway, version, trace))
        for version, trace in traces.items()
    ]
    traffic = Traffic(mix, _RATE, _SECONDS)
    with traffic:
        traffic.wait()
    return Recording(traces[1], traces[2])


def _fine(answer: Response) -> None:
    if answer.status != 200:
        raise UnexpectedResponseError(f"status {answer.status}")


def _any(_: Response) -> None:
    """Whatever it says."""
