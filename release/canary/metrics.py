"""Count the requests of both versions on the weighted route, from the gateway's Prometheus."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from canary_analysis import CountPair, Counts, Meter
from canary_analysis.meter import Scrape, Values
from release.canary import traefik_metrics
from release.canary.traefik_metrics import SeriesKey
from release.clients.prometheus import Prometheus

# Each query overlaps the one before by a margin, since scrapes arrive late.
_MARGIN, _LONGEST = 15.0, 600.0
_RATE_OVER = 60.0
_GONE = 3


@dataclass(frozen=True)
class GatewaySample:
    """`at`: the newest scrape that counts; `interval`: seconds between two scrapes; `flowing`: both
    versions had requests in the latest scrape.
    """

    at: float
    interval: float
    pair: CountPair
    flowing: bool


@dataclass
class GatewayMetrics:
    """Reads the gateway's Prometheus. `services`: version -> Traefik's name of its service on the
    weighted route. Other services are not compared.
    """

    prometheus: Prometheus
    services: Mapping[int, str]
    old: int
    new: int
    slow: float
    _meter: Meter[SeriesKey] | None = None
    _totals: dict[int, Counts] = field(default_factory=dict)
    _latest: dict[Hashable, _Latest] = field(default_factory=dict)
    _interval: float = inf

    def begin(self) -> None:
        """Forget all counts; counting starts at the next sample."""
        self._meter = None
        self._totals, self._latest, self._interval = {}, {}, inf

    def sample(self) -> GatewaySample | None:
        """Return all counts since the beginning, or None before the second scrape."""
        if self._meter is None:
            # Use the clock that stamps the scrapes.
            self._meter = Meter(self.prometheus.now())
        meter = self._meter
        since = meter.newest() or meter.since
        window = min(_LONGEST, self.prometheus.now() - since + _MARGIN)
        for scrape in self._scrapes(window):
            self._add(meter, scrape)
        at = meter.newest()
        if at is None or self._interval == inf:
            return None
        pair = CountPair(self._total(self.old), self._total(self.new))
        flowing = self._flows(self.old, at) and self._flows(self.new, at)
        return GatewaySample(at, self._interval, pair, flowing)

    def rate(self) -> float:
        """Return the requests a second on the weighted route in the last minute."""
        meter = Meter[SeriesKey](self.prometheus.now() - _RATE_OVER)
        requests = 0.0
        times = []
        for scrape in self._scrapes(_RATE_OVER + _MARGIN):
            risen = meter.add(scrape)
            if risen is not None:
                requests += sum(total for total, _ in risen.values())
                times.append(scrape.at)
        return requests / (times[-1] - times[0]) if len(set(times)) > 1 else 0.0

    def _scrapes(self, seconds: float) -> list[Scrape[SeriesKey]]:
        return traefik_metrics.scrapes(self.prometheus, self.services.values(), self.slow, seconds)

    def _add(self, meter: Meter[SeriesKey], scrape: Scrape[SeriesKey]) -> None:
        risen = meter.add(scrape)
        if risen is None:
            return
        counted = {version: _of(service, risen) for version, service in self.services.items()}
        before = self._latest.get(scrape.process)
        self._latest[scrape.process] = _Latest(scrape.at, counted)
        if before is not None:
            self._interval = min(self._interval, scrape.at - before.at)
        for version, more in counted.items():
            self._totals[version] = self._total(version) + more

    def _total(self, version: int) -> Counts:
        return self._totals.get(version, Counts())

    def _flows(self, version: int, now: float) -> bool:
        # A stopped process keeps its last scrape for ever.
        return any(
            latest.counted[version].requests > 0
            for latest in self._latest.values()
            if now - latest.at < _GONE * self._interval
        )


class _Latest(NamedTuple):
    at: float
    counted: Mapping[int, Counts]


def _of(service: str, risen: Mapping[SeriesKey, Values]) -> Counts:
    mine = (
        traefik_metrics.counts(kind, values)
        for kind, values in risen.items()
        if kind.service == service
    )
    return sum(mine, start=Counts())
