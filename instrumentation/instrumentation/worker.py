"""gunicorn's threaded worker, with what it refuses by itself made visible and never a 5xx."""

from typing import Any

from gunicorn.http.errors import (  # type: ignore[import-untyped]
    InvalidHeader,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]


class Worker(ThreadWorker):  # type: ignore[misc]
    """Counts requests that are not HTTP as suspicious; the application never sees them."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        if isinstance(exc, ParseException):
            self.wsgi.extensions["instrumentation"].metrics.suspicious["malformed_request"].inc()
        # 501 is what the standard suggests, but a client's nonsense is no failure of this service.
        if isinstance(exc, UnsupportedTransferCoding):
            exc = InvalidHeader("Transfer-Encoding")
        super().handle_error(req, client, addr, exc)
