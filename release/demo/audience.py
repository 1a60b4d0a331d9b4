"""The demo's clients: their mix changes with the story; failures are counted throughout."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from load import client_types
from load.browser import KIND as BROWSERS
from load.gateway import Gateway
from load.stats import Failure, Recorder
from load.traffic import Traffic

_BEFORE = 1.0
"""Seconds: a fault also hits requests that were sent just before it began."""


class Audience:
    """The clients of the demo's shop, from `come` to `leave`."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._present = ExitStack()
        self._seen: list[tuple[float, Recorder]] = []
        self._injected: list[tuple[float, float]] = []

    def come(self, mix: Sequence[str], rate: float) -> None:
        """Replace the clients; the new ones start before the old ones stop."""
        hosts = client_types.find_hosts(self.gateway)
        traffic = Traffic(client_types.make_mix(self.gateway, hosts, mix), rate)
        arriving = ExitStack()
        self._seen.append((time.monotonic(), arriving.enter_context(traffic)))
        self._present.close()
        self._present = arriving

    def leave(self) -> None:
        """Stop the clients and wait for their last responses."""
        self._present.close()

    @contextmanager
    def injecting(self) -> Iterator[None]:
        """Count failures during the block as injected."""
        begin = time.monotonic() - _BEFORE
        try:
            yield
        finally:
            self._injected.append((begin, time.monotonic()))

    @property
    def requests(self) -> int:
        return sum(record.requests for _, record in self._seen)

    @property
    def failed(self) -> int:
        return sum(record.failed for _, record in self._seen)

    def unexpected(self) -> list[Failure]:
        """Return the failures outside of injected faults."""
        return [
            failure
            for begin, record in self._seen
            for failure in record.failures
            if not any(since <= begin + failure.at <= until for since, until in self._injected)
        ]

    def count_pages(self, version: int) -> int:
        """Return the number of pages that browsers loaded from a version so far."""
        return sum(record.kinds[BROWSERS].versions[version] for _, record in self._seen)
