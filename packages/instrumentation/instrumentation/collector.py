"""The Collector: WSGI middleware that counts and times every request.

It sits around the application instead of in its hooks, so it sees what hooks do not: requests that
fail before or after dispatch, and the time that a streamed answer takes until its end.
"""

from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Any

from . import metric_labels, suspicious_requests, tracing
from .brownout import MARK
from .http_metrics import Key, Series
from .logs import log_request
from .metrics import Metrics
from .probes import PROBES
from .settings import Settings
from .stream import BodyStream

# Raw method, route, status and User-Agent to series. When hostile clients have filled it, the
# others are looked up the longer way; it never grows further.
LOOKUPS_AT_MOST = 1000


class Collector:
    """Wraps a WSGI application; probes are passed through without being counted."""

    def __init__(self, app: Any, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self.logs_requests = settings.access_log
        self._served = metrics.served
        self.browned_out = metrics.browned_out
        self._suspicious = metrics.suspicious
        self._consumers = metric_labels.consumers_by_product(settings.consumers)
        announced = settings.deprecation
        self.announced = [] if announced is None else announced.headers()
        self.lookups: dict[tuple[str, str, str, str], Series] = {}
        self._probes = Series(Key("", "", "", ""))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        exchange = Exchange(self, environ, start_response)
        if suspicious_requests.is_odd(environ):
            for reason in suspicious_requests.reasons(environ):
                self._suspicious[reason].inc()
        if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = BodyStream.of(environ)
        try:
            exchange.chunks = self._app(environ, exchange.start_response)
        except BaseException:
            exchange.fail()
            exchange.close()
            raise
        return exchange

    def series(self, environ: dict[str, Any], status: str) -> Series:
        """The series that a request with this status belongs to."""
        request = environ.get("werkzeug.request")
        rule = None if request is None else request.url_rule
        raw = (
            environ["REQUEST_METHOD"],
            metric_labels.UNMATCHED if rule is None else rule.rule,
            status,
            environ.get("HTTP_USER_AGENT", ""),
        )
        return self.lookups.get(raw) or self._look_up(raw)

    def failed(self, series: Series) -> Series:
        """The series for the same request, had it ended with 500."""
        return self._served.add(series.key._replace(status="500"))

    def _look_up(self, raw: tuple[str, str, str, str]) -> Series:
        method, route, status, agent = raw
        if route in PROBES:
            series = self._probes
        else:
            series = self._served.add(
                Key(
                    metric_labels.method(method),
                    route,
                    metric_labels.status(status),
                    self._consumers.get(agent.partition("/")[0], metric_labels.OTHER),
                )
            )
        if len(self.lookups) < LOOKUPS_AT_MOST:
            self.lookups[raw] = series
        return series


class Exchange:
    """One request and its answer, which is over when the server closes it."""

    __slots__ = ("_collector", "_environ", "_series", "_start_response", "_started", "chunks")

    def __init__(self, collector: Collector, environ: dict[str, Any], start_response: Any) -> None:
        self._started = perf_counter()
        self._collector = collector
        self._environ = environ
        self._start_response = start_response
        self._series: Series | None = None
        self.chunks: Iterable[bytes] = ()

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Any:
        # Flask forgets the request, and so its rule, when its call returns; here it still knows it.
        self._series = self._collector.series(self._environ, status[:3])
        headers.append(("X-Request-Id", tracing.request_id(self._environ)))
        # Beside the application's own: a second Link header adds to the first.
        headers.extend(self._collector.announced)
        return self._start_response(status, headers, exc_info)

    def fail(self) -> None:
        """Count the exchange as a 500, whatever status the client may have been sent."""
        self._series = (
            self._collector.series(self._environ, "500")
            if self._series is None
            else self._collector.failed(self._series)
        )

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.chunks
        except Exception:
            self.fail()
            raise

    def close(self) -> None:
        """End the exchange; only the first call counts."""
        series, self._series = self._series, None
        try:
            if hasattr(self.chunks, "close"):
                self.chunks.close()
        finally:
            if series is not None:
                seconds = perf_counter() - self._started
                series.observe(seconds)
                # Here and not when it is refused: rules subtract one number from the other.
                if MARK in self._environ:
                    self._collector.browned_out[series.key.consumer].inc()
                if self._collector.logs_requests:
                    log_request(self._environ, series.key, seconds)
