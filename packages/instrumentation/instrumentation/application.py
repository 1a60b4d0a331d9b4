"""Puts the parts together around a Flask application."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from flask import Flask
from werkzeug.exceptions import BadRequest
from werkzeug.routing import UnicodeConverter

from .collector import Collector
from .environment import SettingsError
from .http_metrics import ServiceMetrics
from .logs import log_errors
from .management_port import ManagementPort
from .probes import PROBES, Readiness, add_probes
from .settings import Settings
from .view_checks import FaultInjector, add_view_checks

_is_version_list = re.compile(r"[0-9]{1,2}(?:, ?[0-9]{1,2}){0,19}").fullmatch


class PlainText(UnicodeConverter):
    """A path segment of up to 255 characters that databases, logs and headers can store.

    It excludes control characters and U+FFFD, which replaces bytes that are not UTF-8. A URL with
    anything else matches no rule.
    """

    def __init__(self, map: object, maxlength: int = 255) -> None:
        super().__init__(map, maxlength=maxlength)  # type: ignore[arg-type]
        self.regex = rf"[^/\x00-\x1f\x7f\ufffd]{{1,{maxlength}}}"


@dataclass(frozen=True)
class Instrumentation:
    """The value of `app.extensions["instrumentation"]`."""

    settings: Settings
    metrics: ServiceMetrics
    readiness: Readiness
    faults: FaultInjector | None

    def open_management_port(self) -> ManagementPort:
        """Bind the management port; raise OSError if its address is not available."""
        address = self.settings.bind_address, self.settings.metrics_port
        return ManagementPort(address, self.metrics.registry, self.readiness, self.faults)


def instrument(
    app: Flask,
    settings: Settings,
    *,
    ready: Callable[[], str | None],
    may_be_pinned: bool = True,
) -> Instrumentation:
    """Count and time the application's requests, and add probes and a management port.

    `ready` returns None, or the reason why the service cannot serve now. Pass `may_be_pinned=False`
    for a service that handles the API-Version header itself. Gunicorn's worker opens the
    management port, after the fork.
    """
    metrics = ServiceMetrics(settings, lambda: _list_routes(app))
    readiness = Readiness(ready)
    faults = FaultInjector() if settings.fault_injection else None
    if may_be_pinned:
        _reject_repeated_version(app)
    app.wsgi_app = Collector(app.wsgi_app, settings, metrics)  # type: ignore[method-assign]
    log_errors(app)
    # For `<name>` in rules that are added from here on.
    app.url_map.converters = app.url_map.converters | {"default": PlainText, "string": PlainText}
    add_probes(app, readiness)
    add_view_checks(app, settings, faults)
    instrumentation = Instrumentation(settings, metrics, readiness, faults)
    app.extensions["instrumentation"] = instrumentation
    return instrumentation


def load_version(service: str, number: int) -> ModuleType:
    """Import the package of an API version, such as `stock.v1`.

    Raises SettingsError if this image does not contain it.
    """
    name = f"{service}.v{number}"
    if find_spec(name) is None:
        raise SettingsError(f"API_VERSION is {number}, but this image has no {name}")
    return import_module(name)


def _reject_repeated_version(app: Flask) -> None:
    """Answer 400, in the application's own error format, if API-Version is sent more than once.

    The gateway routes live versions, refuses others, and names the live ones in Live-Versions, but
    it does not notice a header that is sent twice. This wraps the application because a check
    inside it would cost every request more.
    """
    serve = app.wsgi_app

    def serve_checked(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # WSGI joins repeated headers with a comma.
        if "," not in environ.get("HTTP_API_VERSION", ""):
            return serve(environ, start_response)
        with app.request_context(environ):
            live = environ.get("HTTP_LIVE_VERSIONS", "")
            live_versions = f" Live versions: {live}." if _is_version_list(live) else ""
            reason = f"The header API-Version was sent more than once.{live_versions}"
            error = app.make_response(app.handle_user_exception(BadRequest(reason)))
            return app.process_response(error)(environ, start_response)

    app.wsgi_app = serve_checked  # type: ignore[method-assign]


def _list_routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule not in PROBES and rule.methods is not None:
            # Every rule has HEAD and OPTIONS, and few clients use them.
            yield from ((method, rule.rule) for method in rule.methods - {"HEAD", "OPTIONS"})
