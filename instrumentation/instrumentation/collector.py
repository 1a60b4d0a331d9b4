"""The Collector: WSGI middleware that counts and times every request.

It sits around the application instead of in its hooks, so it sees what hooks do not: requests that
fail before or after dispatch, and the time that a streamed answer takes until its end.
"""

from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Any

from instrumentation import labels, suspicious, tracing
from instrumentation.body import BodyStream
from instrumentation.metrics import Metrics
from instrumentation.probes import PROBES
from instrumentation.settings import Settings


class Collector:
    """Wraps a WSGI application; probes are passed through without being counted."""

    def __init__(self, app: Any, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._api_version = str(settings.api_version)
        self._methods = labels.bounded(labels.METHODS)
        self._statuses = labels.bounded(labels.STATUSES)
        self._consumers = labels.consumers_by_product(settings.consumers)
        self._children: dict[tuple[str, str, str, str], tuple[Any, Any]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        exchange = Exchange(self, environ, start_response)
        for reason in suspicious.reasons(environ):
            self._metrics.suspicious[reason].inc()
        length = environ.get("CONTENT_LENGTH")
        if length or "HTTP_TRANSFER_ENCODING" in environ:
            announced = int(length) if length and length.isdecimal() else None
            environ["wsgi.input"] = BodyStream(environ["wsgi.input"], announced)
        try:
            exchange.chunks = self._app(environ, exchange.start_response)
        except BaseException:
            exchange.status = "500"
            exchange.close()
            raise
        return exchange

    def finished(self, environ: dict[str, Any], route: str, status: str, seconds: float) -> None:
        """Record one answered request."""
        if route in PROBES:
            return
        key = (
            self._methods.get(environ["REQUEST_METHOD"], labels.OTHER),
            route,
            self._statuses.get(status, labels.OTHER),
            self._consumers.get(environ.get("HTTP_USER_AGENT", "").partition("/")[0], labels.OTHER),
        )
        children = self._children.get(key)
        if children is None:
            children = self._children[key] = (
                self._metrics.requests.labels(self._api_version, *key),
                self._metrics.duration.labels(self._api_version, *key[:3]),
            )
        children[0].inc()
        children[1].observe(seconds)


class Exchange:
    """One request and its answer, which is over when the server closes it."""

    __slots__ = (
        "_collector",
        "_environ",
        "_start_response",
        "_started",
        "chunks",
        "route",
        "status",
    )

    def __init__(self, collector: Collector, environ: dict[str, Any], start_response: Any) -> None:
        self._started = perf_counter()
        self._collector: Collector | None = collector
        self._environ = environ
        self._start_response = start_response
        self.route = labels.UNMATCHED
        self.status = "500"
        self.chunks: Iterable[bytes] = ()
        tracing.request_id(environ)

    def start_response(self, status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
        self.status = status[:3]
        # Flask forgets the request when the call returns; here it still knows it.
        request = self._environ.get("werkzeug.request")
        if request is not None and request.url_rule is not None:
            self.route = request.url_rule.rule
        headers = [*headers, ("X-Request-Id", self._environ[tracing.ENVIRON_KEY])]
        return self._start_response(status, headers, *exc_info)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.chunks
        except Exception:
            # The client has the status already, but it did not get an answer.
            self.status = "500"
            raise

    def close(self) -> None:
        collector, self._collector = self._collector, None
        if collector is None:
            return
        try:
            close = getattr(self.chunks, "close", None)
            if close is not None:
                close()
        finally:
            collector.finished(
                self._environ, self.route, self.status, perf_counter() - self._started
            )
