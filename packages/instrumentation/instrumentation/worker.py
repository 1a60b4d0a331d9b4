"""gunicorn's threaded worker, with what it refuses by itself made visible and never a 5xx."""

from io import BytesIO
from typing import Any

from gunicorn.http.errors import (  # type: ignore[import-untyped]
    InvalidHeader,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from .lingering import Lingering
from .request_buffering import has_body, receive


class Worker(ThreadWorker):  # type: ignore[misc]
    """Keeps clients that send too much, too slowly or no HTTP at all from doing any harm.

    Whatever they send, they hear the answer. What is not HTTP the application never sees; it is
    counted as suspicious.
    """

    def run(self) -> None:
        self._lingering = Lingering(self.poller, self._connection_gone)
        super().run()

    def handle_request(self, req: Any, conn: Any) -> bool:
        if not has_body(req):
            return bool(super().handle_request(req, conn))
        receive(req, conn)
        keep = bool(super().handle_request(req, conn))
        # What the application left unread is nobody's any more, least of all an idle connection's.
        req.body = BytesIO()
        return keep

    def finish_request(self, conn: Any, fs: Any) -> None:
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            # gunicorn would wait for the client here, and nobody else be served meanwhile.
            self._lingering.begin(conn.sock)

    def murder_pending(self) -> None:
        # Once a second and after every event, also while the worker stops.
        super().murder_pending()
        self._lingering.expire()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        if isinstance(exc, ParseException):
            self.wsgi.extensions["instrumentation"].metrics.suspicious["malformed_request"].inc()
        # 501 is what the standard suggests, but a client's nonsense is no failure of this service.
        if isinstance(exc, UnsupportedTransferCoding):
            exc = InvalidHeader("Transfer-Encoding")
        super().handle_error(req, client, addr, exc)

    def _connection_gone(self) -> None:
        self.nr_conns -= 1
