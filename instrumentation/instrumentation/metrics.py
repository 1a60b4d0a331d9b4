"""The metrics of a service, in a registry of their own.

Children of a fixed set exist at 0 from the start: `increase()` does not see the first value of a
series that appears with it.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from instrumentation.settings import Settings
from instrumentation.suspicious import REASONS

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# One more series for each counter and histogram child, and nothing here asks for it.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Every metric that the instrumentation itself keeps."""

    def __init__(self, settings: Settings) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests_total",
            "Requests answered, by URL rule and by the consumer that the User-Agent names.",
            ("api_version", "method", "route", "status", "consumer"),
            registry=self.registry,
        )
        # Without the consumer: a release is judged by how fast it is, not by for whom, and each
        # child is a dozen series.
        self.duration = Histogram(
            "http_request_duration_seconds",
            "Time from the request's arrival in the application to the end of its answer.",
            ("api_version", "method", "route", "status"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        suspicious = Counter(
            "http_requests_suspicious_total",
            "Requests that no well-behaved client sends, once for each reason that applies.",
            ("reason",),
            registry=self.registry,
        )
        self.suspicious = {reason: suspicious.labels(reason) for reason in REASONS}
        Gauge(
            "build_info",
            "Always 1; the labels say what runs.",
            ("version", "api_version"),
            registry=self.registry,
        ).labels(settings.version, str(settings.api_version)).set(1)
        # Absent, not 0, while the version stays: an alert on a time in the past cannot fire by
        # mistake.
        if settings.sunset is not None:
            Gauge(
                "api_sunset_timestamp_seconds",
                "Unix time after which this API version is gone; absent unless deprecated.",
                registry=self.registry,
            ).set(settings.sunset)
