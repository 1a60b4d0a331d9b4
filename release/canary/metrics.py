"""Count the requests of both versions on the weighted route, from the gateway's Prometheus."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from math import inf

from canary_analysis import CountPair, Counts, Meter
from canary_analysis.meter import Scrape, Values
from release.canary import traefik_metrics
from release.canary.traefik_metrics import SeriesKey
from release.clients.prometheus import Prometheus

# Each query overlaps the one before by a margin, since scrapes arrive late.
_MARGIN, _LONGEST = 15.0, 600.0
_RATE_OVER = 60.0
_GONE = 3
_NOTHING = CountPair(Counts(), Counts())


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
    """Reads the gateway's Prometheus. `old`, `new`: the services of both versions on the weighted
    route, as Traefik names them.
    """

    prometheus: Prometheus
    old: str
    new: str
    slow: float
    _meter: Meter[SeriesKey] | None = None
    _total: CountPair = _NOTHING
    _latest: dict[Hashable, tuple[float, CountPair]] = field(default_factory=dict)
    """The time and the counts of the latest scrape of each process."""
    _interval: float = inf

    def begin(self) -> None:
        """Forget all counts; counting starts at the next sample."""
        self._meter = None
        self._total, self._latest, self._interval = _NOTHING, {}, inf

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
        # A stopped process keeps its last scrape for ever.
        oldest = at - _GONE * self._interval
        recent = (pair for scraped, pair in self._latest.values() if scraped > oldest)
        latest = sum(recent, start=_NOTHING)
        flowing = latest.old.requests > 0 and latest.new.requests > 0
        return GatewaySample(at, self._interval, self._total, flowing)

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
        return traefik_metrics.scrapes(self.prometheus, (self.old, self.new), self.slow, seconds)

    def _add(self, meter: Meter[SeriesKey], scrape: Scrape[SeriesKey]) -> None:
        risen = meter.add(scrape)
        if risen is None:
            return
        if scrape.process in self._latest:
            self._interval = min(self._interval, scrape.at - self._latest[scrape.process][0])
        pair = CountPair(_count(self.old, risen), _count(self.new, risen))
        self._latest[scrape.process] = (scrape.at, pair)
        self._total += pair


def _count(service: str, risen: Mapping[SeriesKey, Values]) -> Counts:
    counts = (
        traefik_metrics.counts(key, values)
        for key, values in risen.items()
        if key.service == service
    )
    return sum(counts, start=Counts())
