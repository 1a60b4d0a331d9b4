"""The metrics of a service: requests and their duration, and what else it counts.

The counter and the histogram of prometheus-client take three locks per request. Here a request
takes one lock, and a scrape builds `http_requests_total` and `http_request_duration_seconds` from
the same series.

Clients cannot create more than (M + 8) x 29 x (C + 2 + 14) series: M pairs of a URL rule and a
method that it allows (plus 8 methods for requests without a rule), 29 statuses, C consumers with a
contract besides `browser` and `other`, and 14 series per histogram. A service sends a few of these
statuses, so about a tenth of the bound is in use.

Every series of a fixed set exists at 0 from the start: `increase()` misses the first value of a new
series.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from .settings import Settings
from .suspicious_requests import REASONS

# These would be one more series per child, and nothing uses them.
disable_created_metrics()  # type: ignore[no-untyped-call]

Routes = Callable[[], Iterable[tuple[str, str]]]

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BOUNDS = [*map(floatToGoString, BUCKETS), "+Inf"]
# Alerts count these: a series that begins with its first failure would hide that failure.
_INITIAL_STATUSES = ("200", "500", "503")


class RequestLabels(NamedTuple):
    """The labels of one series without the API version; the values of each are bounded."""

    method: str
    route: str
    status: str
    consumer: str


class RequestSeries:
    """Requests with the same labels: their number per bucket, and their total duration."""

    __slots__ = ("_lock", "buckets", "key", "seconds")

    def __init__(self, key: RequestLabels) -> None:
        self.key = key
        self._lock = threading.Lock()
        self.buckets = [0] * len(_BOUNDS)
        self.seconds = 0.0

    def observe(self, seconds: float) -> None:
        bucket = bisect_left(BUCKETS, seconds)
        with self._lock:
            self.buckets[bucket] += 1
            self.seconds += seconds


class RequestMetrics(Collector):
    """Every request by its labels. `routes` returns the method and URL rule of each route."""

    def __init__(self, api_version: int, consumers: Iterable[str], routes: Routes) -> None:
        self._api_version = str(api_version)
        self._consumers = tuple(consumers)
        self._routes: Routes | None = routes
        self._series: dict[RequestLabels, RequestSeries] = {}

    def get_or_create(self, key: RequestLabels) -> RequestSeries:
        """Return the series with these labels, created at 0 if it is new."""
        return self._series.setdefault(key, RequestSeries(key))

    def collect(self) -> Iterator[Metric]:
        """Yield both metrics; the duration without the consumer, on which it hardly depends."""
        self._create_initial_series()
        total = CounterMetricFamily(
            "http_requests_total",
            "Requests answered, by URL rule and by the consumer that the User-Agent names.",
            labels=("api_version", *RequestLabels._fields),
        )
        duration = HistogramMetricFamily(
            "http_request_duration_seconds",
            "Time from a request's arrival in the application to the end of its answer.",
            labels=("api_version", *RequestLabels._fields[:3]),
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

    def _create_initial_series(self) -> None:
        # At the first scrape, because the application adds its routes after the middleware.
        routes, self._routes = self._routes, None
        for method, route in routes() if routes else ():
            for consumer in self._consumers:
                for status in _INITIAL_STATUSES:
                    self.get_or_create(RequestLabels(method, route, status, consumer))


class ServiceMetrics:
    """Every metric of the instrumentation itself, in a registry of its own."""

    def __init__(self, settings: Settings, routes: Routes) -> None:
        self.registry = CollectorRegistry()
        consumers = (*settings.consumers, "browser", "other")
        self.requests = RequestMetrics(settings.api_version, consumers, routes)
        self.registry.register(self.requests)
        suspicious = Counter(
            "http_requests_suspicious_total",
            "Requests that no well-behaved client sends, once for each reason that applies.",
            ("reason",),
            registry=self.registry,
        )
        self.suspicious = {reason: suspicious.labels(reason) for reason in REASONS}
        brownouts = Counter(
            "http_requests_brownout_total",
            "Requests refused by a brownout; http_requests_total counts them as 503, too.",
            ("consumer",),
            registry=self.registry,
        )
        self.brownouts = {consumer: brownouts.labels(consumer) for consumer in consumers}
        Gauge(
            "build_info",
            "Always 1; the labels say what runs.",
            ("version", "api_version"),
            registry=self.registry,
        ).labels(settings.version, str(settings.api_version)).set(1)
        # Absent, not 0, without a date: an alert on a time in the past would fire.
        deprecation = settings.deprecation
        if deprecation is not None and deprecation.sunset_time is not None:
            Gauge(
                "api_sunset_timestamp_seconds",
                "Unix time at which this API version goes; absent while no day is set.",
                registry=self.registry,
            ).set(deprecation.sunset_time)
