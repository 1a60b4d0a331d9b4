"""WSGI middleware that counts and times every request.

Unlike hooks of the application, it sees requests that fail before or after dispatch, and the whole
duration of a streamed response.
"""

from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Any

from . import suspicious_requests, tracing
from .body import BodyStream
from .http_metrics import RequestLabels, RequestSeries, ServiceMetrics
from .logs import log_request
from .probes import PROBES
from .settings import Settings
from .view_checks import BROWNOUT_MARK

# Labels have values from fixed sets: none is copied from a request.
_SUCCESS = (200, 201, 204, 206, 303, 304, 308)
_CLIENT_ERROR = (400, 404, 405, 406, 409, 410, 412, 413, 415, 416, 422, 429)
_SERVER_ERROR = (500, 502, 503, 504)
STATUSES = frozenset(map(str, _SUCCESS + _CLIENT_ERROR + _SERVER_ERROR))
UNMATCHED = "unmatched"
OTHER = "other"
# Caches the series of a raw method, route, status and User-Agent. Once hostile clients have filled
# the cache, other requests take the slower way.
MAX_LOOKUPS = 1000


class Collector:
    """Wraps a WSGI application. Probes are not counted."""

    def __init__(self, app: Any, settings: Settings, metrics: ServiceMetrics) -> None:
        self._app = app
        self._metrics = metrics
        self.logs_requests = settings.access_log
        self.brownouts = metrics.brownouts
        # The consumer by the first product of a User-Agent: every browser names Mozilla first.
        self._consumers = {"Mozilla": "browser"} | {name: name for name in settings.consumers}
        self.deprecation_headers = settings.deprecation.headers() if settings.deprecation else []
        self.lookups: dict[tuple[str, str, str, str], RequestSeries] = {}
        self._probes = RequestSeries(RequestLabels("", "", "", ""))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        response = InstrumentedResponse(self, environ, start_response)
        if suspicious_requests.may_be_suspicious(environ):
            for reason in suspicious_requests.find_reasons(environ):
                self._metrics.suspicious[reason].inc()
        if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = BodyStream(environ)
        try:
            response.chunks = self._app(environ, response.start_response)
        except BaseException:
            response.fail()
            response.close()
            raise
        return response

    def find_series(self, environ: dict[str, Any], status: str) -> RequestSeries:
        """Return the series of a request with this status."""
        request = environ.get("werkzeug.request")
        rule = None if request is None else request.url_rule
        raw = (
            environ["REQUEST_METHOD"],
            UNMATCHED if rule is None else rule.rule,
            status,
            environ.get("HTTP_USER_AGENT", ""),
        )
        return self.lookups.get(raw) or self._look_up(raw)

    def failure_of(self, series: RequestSeries) -> RequestSeries:
        """Return the series of the same request with status 500."""
        return self._metrics.requests.get_or_create(series.key._replace(status="500"))

    def _look_up(self, raw: tuple[str, str, str, str]) -> RequestSeries:
        method, route, status, agent = raw
        if route in PROBES:
            series = self._probes
        else:
            series = self._metrics.requests.get_or_create(
                RequestLabels(
                    method if method in suspicious_requests.METHODS else OTHER,
                    route,
                    status_label(status),
                    self._consumers.get(agent.partition("/")[0], OTHER),
                )
            )
        if len(self.lookups) < MAX_LOOKUPS:
            self.lookups[raw] = series
        return series


def status_label(status: str) -> str:
    """Return a known status, or its class: 507 becomes `5xx`, which `status=~"5.."` matches."""
    if status in STATUSES:
        return status
    return f"{status[0]}xx" if status[:1] in tuple("12345") else OTHER


class InstrumentedResponse:
    """The response to one request. It ends when the server closes it."""

    __slots__ = ("_collector", "_environ", "_series", "_start_response", "_started", "chunks")

    def __init__(self, collector: Collector, environ: dict[str, Any], start_response: Any) -> None:
        self._started = perf_counter()
        self._collector = collector
        self._environ = environ
        self._start_response = start_response
        self._series: RequestSeries | None = None
        self.chunks: Iterable[bytes] = ()

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Any:
        # Flask drops the request, and its rule, when its call returns; here they still exist.
        self._series = self._collector.find_series(self._environ, status[:3])
        headers.append(("X-Request-Id", tracing.request_id(self._environ)))
        # Beside the application's own headers: a second Link header adds to the first.
        headers.extend(self._collector.deprecation_headers)
        return self._start_response(status, headers, exc_info)

    def fail(self) -> None:
        """Count the response as a 500, whatever status the client has received."""
        self._series = (
            self._collector.find_series(self._environ, "500")
            if self._series is None
            else self._collector.failure_of(self._series)
        )

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.chunks
        except Exception:
            self.fail()
            raise

    def close(self) -> None:
        """End the response and count it, once."""
        series, self._series = self._series, None
        try:
            if hasattr(self.chunks, "close"):
                self.chunks.close()
        finally:
            if series is not None:
                seconds = perf_counter() - self._started
                series.observe(seconds)
                # At the same moment as the request itself: rules subtract one count from the other.
                if BROWNOUT_MARK in self._environ:
                    self._collector.brownouts[series.key.consumer].inc()
                if self._collector.logs_requests:
                    log_request(self._environ, series.key, seconds)
