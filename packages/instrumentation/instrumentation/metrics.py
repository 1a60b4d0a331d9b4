"""The metrics of a service, in a registry of their own.

Children of a fixed set exist at 0 from the start: `increase()` does not see the first value of a
series that appears with it.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    disable_created_metrics,
)

from .http_metrics import Routes, Served
from .settings import Settings
from .suspicious_requests import REASONS

# One more series for each counter and histogram child, and nothing here asks for it.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Every metric that the instrumentation itself keeps; `routes` gives the known routes."""

    def __init__(self, settings: Settings, routes: Routes) -> None:
        self.registry = CollectorRegistry()
        consumers = (*settings.consumers, "browser", "other")
        self.served = Served(settings.api_version, consumers, routes)
        self.registry.register(self.served)
        suspicious = Counter(
            "http_requests_suspicious_total",
            "Requests that no well-behaved client sends, once for each reason that applies.",
            ("reason",),
            registry=self.registry,
        )
        self.suspicious = {reason: suspicious.labels(reason) for reason in REASONS}
        browned_out = Counter(
            "http_requests_brownout_total",
            "Requests refused by a brownout; http_requests_total counts them as 503, too.",
            ("consumer",),
            registry=self.registry,
        )
        self.browned_out = {consumer: browned_out.labels(consumer) for consumer in consumers}
        Gauge(
            "build_info",
            "Always 1; the labels say what runs.",
            ("version", "api_version"),
            registry=self.registry,
        ).labels(settings.version, str(settings.api_version)).set(1)
        # Absent, not 0, while the version stays: an alert on a time in the past cannot fire by
        # mistake.
        deprecation = settings.deprecation
        if deprecation is not None and deprecation.sunset_time is not None:
            Gauge(
                "api_sunset_timestamp_seconds",
                "Unix time at which this API version goes; absent while no day is set.",
                registry=self.registry,
            ).set(deprecation.sunset_time)
