"""Gunicorn's threaded worker, hardened against slow, large and malformed requests."""

from io import BytesIO
from typing import Any

from gunicorn.http.errors import (  # type: ignore[import-untyped]
    InvalidHeader,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from .lingering import Lingering
from .request_buffering import buffer_body, has_body


class Worker(ThreadWorker):  # type: ignore[misc]
    """Buffers bodies, and counts what is not HTTP as suspicious. Every client gets its response."""

    def run(self) -> None:
        self._lingering = Lingering(self.poller, self._forget_connection)
        super().run()

    def handle_request(self, req: Any, conn: Any) -> bool:
        if not has_body(req):
            return bool(super().handle_request(req, conn))
        buffer_body(req, conn)
        keep = bool(super().handle_request(req, conn))
        # Drop what the application did not read: it must not be taken for the next request.
        req.body = BytesIO()
        return keep

    def finish_request(self, conn: Any, fs: Any) -> None:
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            # Gunicorn would wait for the client here and serve nobody else meanwhile.
            self._lingering.begin(conn.sock)

    def murder_pending(self) -> None:
        # Called once a second and after every event, also while the worker stops.
        super().murder_pending()
        self._lingering.expire()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        if isinstance(exc, ParseException):
            self.wsgi.extensions["instrumentation"].metrics.suspicious["malformed_request"].inc()
        # The standard suggests 501, but this is an error of the client and not of the service.
        if isinstance(exc, UnsupportedTransferCoding):
            exc = InvalidHeader("Transfer-Encoding")
        super().handle_error(req, client, addr, exc)

    def _forget_connection(self) -> None:
        self.nr_conns -= 1
