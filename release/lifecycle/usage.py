"""Who still calls a version: from the counters of its own services, by named consumer.

A counter's first value is an increase as well, which `increase()` does not see; and what was not
watched cannot be known, so the time that a Prometheus was there is part of the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from release.clients.prometheus import Prometheus

# What was answered 4xx served nobody; guesses, descriptions and style sheets are no business.
_BUSINESS = (
    'http_requests_total{status!~"4..",route!="unmatched",route!="/openapi.json",'
    'route!~"/static/.*"}'
)
_POINTS = 400  # as many looks at the time between as a range query is asked for


@dataclass(frozen=True)
class Caller:
    """A consumer of one service of a version. `last_seen` is in Unix seconds, to `step` seconds."""

    service: str
    consumer: str
    requests: int
    last_seen: float


@dataclass(frozen=True)
class Usage:
    """What one Prometheus knows about the callers of its service."""

    callers: tuple[Caller, ...]
    watched: float  # seconds of the window in which the service was scraped
    window: float

    @property
    def complete(self) -> bool:
        """Whether the service was watched all the time, but for a few scrapes."""
        return self.watched >= self.window * 0.99


def usage(service: str, prometheus: Prometheus, window: float) -> Usage:
    """Who called a service in the last `window` seconds. Raises UnansweredError."""
    now = prometheus.now()
    span = f"[{max(1, round(window))}s]"
    before = f"{_BUSINESS} offset {max(1, round(window))}s"
    grown = f"increase({_BUSINESS}{span}) and {before}"
    begun = f"max_over_time({_BUSINESS}{span}) unless {before}"
    requests: dict[str, float] = defaultdict(float)
    for promql in (grown, begun):
        for series in prometheus.query(f"sum by (consumer) ({promql})"):
            requests[series.labels["consumer"]] += series.value
    seen = _last_seen(prometheus, now, window)
    callers = tuple(
        Caller(service, consumer, max(1, round(count)), seen.get(consumer, now))
        for consumer, count in sorted(requests.items())
        if count > 0
    )
    return Usage(callers, _watched(prometheus, now, window), window)


def _last_seen(prometheus: Prometheus, now: float, window: float) -> Mapping[str, float]:
    """When each consumer's counters last rose; of each process, since sums fall when one goes."""
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
    """Seconds in which some process of the service was scraped."""
    step = max(1.0, window / _POINTS)
    promql = "count(up == 1)"
    looks = [
        sample
        for series in prometheus.query_range(promql, now - window, now, step)
        for sample in series.samples
    ]
    return min(window, len(looks) * window / (window // step + 1))
