"""Puts the parts together around a Flask application."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Flask
from prometheus_client import CollectorRegistry

from .api_version import reject_repeated_header
from .collector import Collector
from .http_metrics import ServiceMetrics
from .logs import log_errors
from .management_port import ManagementPort
from .probes import PROBES, Readiness, add_probes
from .settings import Settings
from .url_converters import use_plain_text_converter
from .view_checks import FaultInjector, add_view_checks


@dataclass(frozen=True)
class Instrumentation:
    """The value of `app.extensions["instrumentation"]`."""

    registry: CollectorRegistry
    metrics: ServiceMetrics
    management_port: ManagementPort
    draining: threading.Event


def instrument(
    app: Flask,
    settings: Settings,
    *,
    ready: Callable[[], str | None],
    may_be_pinned: bool = True,
) -> Instrumentation:
    """Count and time the application's requests, and add probes and a management port.

    `ready` returns None, or the reason why the service cannot serve now. Pass `may_be_pinned=False`
    for a service that handles the API-Version header itself. Gunicorn's worker starts the
    management port, after the fork.
    """
    metrics = ServiceMetrics(settings, lambda: _list_routes(app))
    readiness = Readiness(ready)
    faults = FaultInjector() if settings.fault_injection else None
    if may_be_pinned:
        reject_repeated_header(app)
    app.wsgi_app = Collector(app.wsgi_app, settings, metrics)  # type: ignore[method-assign]
    log_errors(app)
    use_plain_text_converter(app)
    add_probes(app, readiness)
    add_view_checks(app, settings, faults)
    management_port = ManagementPort(
        settings.bind_address, settings.metrics_port, metrics.registry, readiness, faults
    )
    instrumentation = Instrumentation(
        metrics.registry, metrics, management_port, readiness.draining
    )
    app.extensions["instrumentation"] = instrumentation
    return instrumentation


def _list_routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule not in PROBES and rule.methods is not None:
            # Every rule has HEAD and OPTIONS, and few clients use them.
            yield from ((method, rule.rule) for method in rule.methods - {"HEAD", "OPTIONS"})
