"""The management port: metrics, probes and the fault switch, on a socket and threads of its own.

A busy pool of request threads cannot starve it. Slow clients cannot block it either: at most
MAX_CONNECTIONS are open, each for at most MAX_SECONDS; a new one replaces the oldest.
"""

import json
import logging
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from time import monotonic
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from .probes import Readiness
from .view_checks import FaultInjector

MAX_CONNECTIONS = 16
MAX_SECONDS = 10.0
MAX_FAULT_BYTES = 1024

_log = logging.getLogger(__name__)


class ManagementHandler(BaseHTTPRequestHandler):
    """GET /metrics, /livez and /readyz; GET, POST and DELETE /fault if faults are enabled."""

    server: "ManagementPort"
    timeout = 5
    server_version = "exporter"
    sys_version = ""

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/metrics":
                encode, content_type = choose_encoder(self.headers.get("Accept", ""))
                self._send(200, encode(self.server.registry), content_type)
            case "/livez":
                self._send_json(200, {"status": "alive"})
            case "/readyz":
                reason = self.server.readiness.not_ready_reason()
                self._send_json(
                    503 if reason else 200,
                    {"status": "not ready", "reason": reason} if reason else {"status": "ready"},
                )
            case "/fault" if faults := self.server.faults:
                self._send_json(200, faults.state())
            case _:
                self.send_error(404)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self._change_faults(self._read_object)

    def do_DELETE(self) -> None:
        self._change_faults(dict)

    def _change_faults(self, read: Callable[[], dict[str, Any]]) -> None:
        path, faults = self.path.partition("?")[0], self.server.faults
        if path != "/fault" or faults is None:
            self.send_error(405 if path in {"/metrics", "/livez", "/readyz"} else 404)
        elif "Origin" in self.headers:
            # Only browsers send Origin: no web page may change the faults.
            self.send_error(403)
        else:
            try:
                faults.replace(read())
            except ValueError as error:
                self._send_json(400, {"error": str(error)})
            else:
                self._send_json(200, faults.state())

    def _read_object(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length[:9]) > MAX_FAULT_BYTES:
            raise ValueError(f"Content-Length must be a number up to {MAX_FAULT_BYTES}")
        try:
            value = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise ValueError("the body is not valid JSON") from None
        if not isinstance(value, dict):
            raise ValueError('the body must be an object such as {"delay": 2, "errors": 0.5}')
        return value

    def _send_json(self, status: int, value: object) -> None:
        self._send(status, json.dumps(value).encode() + b"\n", "application/json")

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        # The base class answers 501 for an unknown method, but that is the client's error.
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == 501 else HTTPStatus(code)
        self.log_error("%d %s", status, message or "")
        self.close_connection = True
        self._send_json(status, {"error": status.phrase.lower()})

    def log_message(self, format: str, *args: Any) -> None:
        _log.debug(format, *args)


class ManagementPort(ThreadingHTTPServer):
    """Listens as soon as it is created; raises OSError if the address is not available."""

    request_queue_size = 64

    def __init__(
        self,
        address: tuple[str, int],
        registry: CollectorRegistry,
        readiness: Readiness,
        faults: FaultInjector | None,
    ) -> None:
        self.registry = registry
        self.readiness = readiness
        self.faults = faults
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._open: dict[Any, float] = {}
        self._lock = threading.Lock()
        super().__init__(address, ManagementHandler)

    def start(self) -> None:
        """Serve in the background."""
        serve = partial(self.serve_forever, poll_interval=0.1)
        threading.Thread(target=serve, name="management-port", daemon=True).start()

    def server_bind(self) -> None:
        # The method of http.server resolves the host name, which can hang without a name server.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            while len(self._open) >= MAX_CONNECTIONS:
                self._disconnect(next(iter(self._open)))
            self._open[request] = monotonic()
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        oldest = monotonic() - MAX_SECONDS
        with self._lock:
            for request in [open_ for open_, since in self._open.items() if since < oldest]:
                self._disconnect(request)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Broken connections are expected; any other exception is a bug of this port.
        level = logging.DEBUG if isinstance(sys.exception(), OSError) else logging.ERROR
        _log.log(level, "management port: a request failed", exc_info=True)

    def _disconnect(self, request: Any) -> None:
        self._open.pop(request, None)
        with suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)
