"""Count the calls of a version by consumer, from the counters of its own services.

`increase()` misses the first value of a counter, so that is added. The scraped part of the window
belongs to the result: calls in the rest of it are unknown.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from release.clients.prometheus import Prometheus

# Answers of 4xx served nobody; guesses, descriptions and style sheets are not business requests.
_BUSINESS = (
    'http_requests_total{status!~"4..",route!="unmatched",route!="/openapi.json",'
    'route!~"/static/.*"}'
)
_POINTS = 400  # points of a range query over the window


@dataclass(frozen=True)
class Caller:
    """A consumer that called one service of a version. `last_seen` is in Unix seconds."""

    service: str
    consumer: str
    requests: int
    last_seen: float


@dataclass(frozen=True)
class Usage:
    """The callers of a service, by the service's Prometheus."""

    callers: tuple[Caller, ...]
    watched: float  # seconds of the window in which the service was scraped
    window: float

    @property
    def is_complete(self) -> bool:
        """True if the service was scraped all the time, apart from a few scrapes."""
        return self.watched >= self.window * 0.99


def read_usage(service: str, prometheus: Prometheus, window: float) -> Usage:
    """Return the callers of the last `window` seconds. Raises UnansweredError."""
    now = prometheus.now()
    span = f"[{max(1, round(window))}s]"
    before = f"{_BUSINESS} offset {max(1, round(window))}s"
    increased = f"increase({_BUSINESS}{span}) and {before}"
    started = f"max_over_time({_BUSINESS}{span}) unless {before}"
    requests: dict[str, float] = defaultdict(float)
    for promql in (increased, started):
        for series in prometheus.query(f"sum by (consumer) ({promql})"):
            requests[series.labels["consumer"]] += series.value
    last_seen = _last_seen(prometheus, now, window)
    callers = tuple(
        Caller(service, consumer, max(1, round(count)), last_seen.get(consumer, now))
        for consumer, count in sorted(requests.items())
        if count > 0
    )
    return Usage(callers, _watched(prometheus, now, window), window)


def _last_seen(prometheus: Prometheus, now: float, window: float) -> Mapping[str, float]:
    """Return when the counters of each consumer last rose. Counters are compared by process, since
    the sum falls when a process ends.
    """
    step = max(1.0, window / _POINTS)
    seen: dict[str, float] = {}
    promql = f"sum by (consumer, pod) ({_BUSINESS})"
    for series in prometheus.query_range(promql, now - window, now, step):
        consumer, before = series.labels["consumer"], None
        for sample in series.samples:
            if sample.value > (0 if before is None else before):
                seen[consumer] = max(seen.get(consumer, 0), sample.at)
            before = sample.value
    return seen


def _watched(prometheus: Prometheus, now: float, window: float) -> float:
    """Return the seconds in which some process of the service was scraped."""
    step = max(1.0, window / _POINTS)
    promql = "count(up == 1)"
    samples = [
        sample
        for series in prometheus.query_range(promql, now - window, now, step)
        for sample in series.samples
    ]
    return min(window, len(samples) * window / (window // step + 1))
