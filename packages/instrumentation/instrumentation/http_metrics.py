"""`http_requests_total` and `http_request_duration_seconds`, kept as one.

prometheus-client's own counter and histogram take three locks for a request. Here a request takes
one, and the two metrics are put together when Prometheus asks for them.

However hostile the clients, there are at most (M + 8) x 29 x (C + 2 + 14) series: M pairs of a URL
rule and a method that it allows (8 methods more for what matches no rule), 29 statuses, C consumers
with a contract besides `browser` and `other`, and 14 series for a histogram. Of the statuses a
service sends a handful, so what is seen is a tenth of it.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

Routes = Callable[[], Iterable[tuple[str, str]]]

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BOUNDS = [*map(floatToGoString, BUCKETS), "+Inf"]
# What alerts count: a series that appeared only with its first failure would hide that failure.
_FROM_THE_START = ("200", "500", "503")


class Key(NamedTuple):
    """The labels of one series, besides the API version; every value is from a bounded set."""

    method: str
    route: str
    status: str
    consumer: str


class Series:
    """The requests of one key: how many in each bucket, and the seconds that they took."""

    __slots__ = ("_lock", "buckets", "key", "seconds")

    def __init__(self, key: Key) -> None:
        self.key = key
        self._lock = threading.Lock()
        self.buckets = [0] * len(_BOUNDS)
        self.seconds = 0.0

    def observe(self, seconds: float) -> None:
        bucket = bisect_left(BUCKETS, seconds)
        with self._lock:
            self.buckets[bucket] += 1
            self.seconds += seconds


class Served(Collector):
    """All requests served, by key. `routes` gives the method and URL rule of each known route."""

    def __init__(
        self,
        api_version: int,
        consumers: Iterable[str],
        routes: Routes,
    ) -> None:
        self._api_version = str(api_version)
        self._consumers = tuple(consumers)
        self._routes: Routes | None = routes
        self._series: dict[Key, Series] = {}

    def add(self, key: Key) -> Series:
        """The series of a key, created at 0 when it is new."""
        return self._series.setdefault(key, Series(key))

    def collect(self) -> Iterator[Metric]:
        """Both metrics; the duration without the consumer: a release is fast or slow for all."""
        self._add_known()
        total = CounterMetricFamily(
            "http_requests_total",
            "Requests answered, by URL rule and by the consumer that the User-Agent names.",
            labels=("api_version", *Key._fields),
        )
        duration = HistogramMetricFamily(
            "http_request_duration_seconds",
            "Time from a request's arrival in the application to the end of its answer.",
            labels=("api_version", *Key._fields[:3]),
        )
        sums: dict[tuple[str, ...], tuple[list[int], float]] = {}
        for key, series in list(self._series.items()):
            total.add_metric((self._api_version, *key), sum(series.buckets))
            buckets, seconds = sums.get(key[:3], ([0] * len(_BOUNDS), 0.0))
            buckets = [a + b for a, b in zip(buckets, series.buckets, strict=True)]
            sums[key[:3]] = buckets, seconds + series.seconds
        for labels, (buckets, seconds) in sums.items():
            cumulative = list(zip(_BOUNDS, accumulate(buckets), strict=True))
            duration.add_metric((self._api_version, *labels), cumulative, seconds)
        yield total
        yield duration

    def _add_known(self) -> None:
        # At the first scrape, not at the start: routes are added after the Collector.
        routes, self._routes = self._routes, None
        for method, route in routes() if routes else ():
            for consumer in self._consumers:
                for status in _FROM_THE_START:
                    self.add(Key(method, route, status, consumer))
