"""Clients without cookies: independent requests, as the rule assumes them."""

import time
from functools import partial

from bench.canary.simulation import Recording, RequestCounts
from load.client import Client, Response, UnexpectedResponseError
from load.gateway import Gateway
from load.stats import Recorder
from load.traffic import Mix, Traffic

SLOW = 1.2
"""Seconds, as `make shift` has it."""
_RATE, _SECONDS = 60, 20


class FirstVisitor:
    """Requests the front page of a host without a cookie, and adds the results to a trace."""

    def __init__(
        self,
        gateway: Gateway,
        kind: str,
        host: str,
        trace: list[RequestCounts],
        number: int,
        record: Recorder,
    ) -> None:
        self._url = f"http://{host}/"
        self._client = Client(gateway, record, kind, {"User-Agent": "Mozilla/5.0 stranger"})
        self._trace = trace

    def act(self, due: float) -> None:
        self._client.forget()
        begun = time.monotonic()
        failed = self._client.send("GET", self._url, due, _check_ok) is None
        slow = not failed and time.monotonic() - begun > SLOW
        self._trace.append(RequestCounts(1, int(failed), int(slow)))

    def leave(self) -> None:
        self._client.forget()


def first_visitors(gateway: Gateway) -> Mix:
    """Return a mix of visitors of the host that both versions share."""
    kind = "first_visitors"
    return [(kind, partial(FirstVisitor, gateway, kind, gateway.merged, []))]


def record(gateway: Gateway) -> Recording:
    """Record the results of visitors of each version's own host, at the same time."""
    recording = Recording([], [])
    mix = []
    for version, trace in enumerate(recording, 1):
        kind, host = f"v{version}", gateway.versioned("catalog", version)
        mix.append((kind, partial(FirstVisitor, gateway, kind, host, trace)))
    traffic = Traffic(mix, _RATE, _SECONDS)
    with traffic:
        traffic.wait()
    return recording


def _check_ok(answer: Response) -> None:
    if answer.status != 200:
        raise UnexpectedResponseError(f"status {answer.status}")
