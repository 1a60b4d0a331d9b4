"""Puts the parts together around a Flask application."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Flask, Request, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry

from .api_version import refuse_repeated_pins
from .brownout import Brownout
from .collector import Collector
from .exporter import Exporter
from .logs import log_errors
from .metrics import Metrics
from .probes import PROBES, Readiness, add_probes
from .settings import Settings
from .url_converters import accept_plain_text_only
from .view_checks import Faults


@dataclass(frozen=True)
class Instrumentation:
    """What `app.extensions["instrumentation"]` holds."""

    registry: CollectorRegistry
    metrics: Metrics
    exporter: Exporter
    draining: threading.Event


def instrument(
    app: Flask,
    settings: Settings,
    *,
    ready: Callable[[], str | None],
    may_be_pinned: bool = True,
) -> Instrumentation:
    """Count and time the application's requests, and give it probes and an internal port.

    `ready` returns None, or the reason why the service cannot serve now. `may_be_pinned` is False
    for a service that speaks for all versions, and answers pins itself. The exporter is not
    started: gunicorn's worker does that, after the fork.
    """
    metrics = Metrics(settings, lambda: _routes(app))
    readiness = Readiness(ready)
    faults = Faults() if settings.fault_injection else None

    if may_be_pinned:
        refuse_repeated_pins(app)
    app.wsgi_app = Collector(app.wsgi_app, settings, metrics)  # type: ignore[method-assign]
    log_errors(app)
    accept_plain_text_only(app)
    add_probes(app, readiness)
    checks: list[Callable[[Request], None]] = []
    if settings.brownout_until:
        checks.append(Brownout(settings.brownout_until).strike)
    if faults is not None:
        checks.append(partial(_strike, faults))
    if checks:
        _check_before_views(app, checks)
    exporter = Exporter(
        settings.bind_address, settings.metrics_port, metrics.registry, readiness, faults
    )
    instrumentation = Instrumentation(metrics.registry, metrics, exporter, readiness.draining)
    app.extensions["instrumentation"] = instrumentation
    return instrumentation


def _routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule not in PROBES and rule.methods is not None:
            # HEAD and OPTIONS come with every rule and are hardly used.
            yield from ((method, rule.rule) for method in rule.methods - {"HEAD", "OPTIONS"})


def _check_before_views(app: Flask, checks: Sequence[Callable[[Request], None]]) -> None:
    """Let each check raise in place of a view, whether or not a rule matches the request."""
    dispatch = app.dispatch_request

    def dispatch_checked() -> ResponseReturnValue:
        for check in checks:
            check(request)
        return dispatch()

    app.dispatch_request = dispatch_checked  # type: ignore[method-assign]


def _strike(faults: Faults, request: Request) -> None:
    rule = request.url_rule
    if rule is not None and rule.rule not in PROBES:
        faults.strike()
