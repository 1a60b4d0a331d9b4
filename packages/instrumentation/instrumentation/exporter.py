"""The internal port: metrics, probes and the fault switch, on threads and a socket of its own.

A busy pool of request threads cannot starve it, and a slow client of it cannot starve another: at
most CONNECTIONS are open, each for at most SECONDS, and when one more arrives the oldest gives way.
"""

import logging
import socket
import sys
import threading
from contextlib import suppress
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from time import monotonic
from typing import Any

from prometheus_client import CollectorRegistry

from .management_port import InternalHandler
from .probes import Readiness
from .view_checks import Faults

CONNECTIONS = 16
SECONDS = 10.0

_log = logging.getLogger(__name__)


class Exporter:
    """Serves the internal port between `start` and `stop`; `port` is known once started."""

    def __init__(
        self,
        address: str,
        port: int,
        registry: CollectorRegistry,
        readiness: Readiness,
        faults: Faults | None,
    ) -> None:
        self._address = address
        self._wanted_port = port
        self._handler = type(
            "Handler",
            (InternalHandler,),
            {"registry": registry, "readiness": readiness, "faults": faults},
        )
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """The port that is bound, or the one asked for while stopped."""
        return self._wanted_port if self._server is None else self._server.server_address[1]

    def start(self) -> None:
        """Bind and serve; raises OSError when the address cannot be had."""
        self._server = _Server((self._address, self._wanted_port), self._handler)
        threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="exporter",
            daemon=True,
        ).start()

    def stop(self) -> None:
        """Stop serving and free the port; harmless when not started."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._open: dict[Any, float] = {}
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # http.server's own looks its host name up, which can hang without a name server.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            while len(self._open) >= CONNECTIONS:
                self._hang_up(next(iter(self._open)))
            self._open[request] = monotonic()
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        oldest = monotonic() - SECONDS
        with self._lock:
            for request in [open_ for open_, since in self._open.items() if since < oldest]:
                self._hang_up(request)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients break off and are hung up on; anything else is a fault of this port.
        level = logging.DEBUG if isinstance(sys.exception(), OSError) else logging.ERROR
        _log.log(level, "internal port: a request could not be answered", exc_info=True)

    def _hang_up(self, request: Any) -> None:
        self._open.pop(request, None)
        with suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)
