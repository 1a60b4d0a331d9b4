"""What the internal port answers."""

import json
import logging
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from .probes import Readiness
from .view_checks import Faults

FAULT_BYTES = 1024

_log = logging.getLogger(__name__)


class InternalHandler(BaseHTTPRequestHandler):
    """GET /metrics, /livez and /readyz; GET, POST and DELETE /fault where faults are allowed."""

    registry: ClassVar[CollectorRegistry]
    readiness: ClassVar[Readiness]
    faults: ClassVar[Faults | None]

    timeout = 5
    server_version = "exporter"
    sys_version = ""

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/metrics":
                encode, content_type = choose_encoder(self.headers.get("Accept", ""))
                self._answer(200, encode(self.registry), content_type)
            case "/livez":
                self._answer_json(200, {"status": "alive"})
            case "/readyz":
                reason = self.readiness.objection()
                self._answer_json(
                    503 if reason else 200,
                    {"status": "not ready", "reason": reason} if reason else {"status": "ready"},
                )
            case "/fault" if self.faults:
                self._answer_json(200, self.faults.state())
            case _:
                self.send_error(404)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        faults = self._faults()
        if faults is None:
            return
        try:
            faults.change(self._read_object())
        except ValueError as error:
            self._answer_json(400, {"error": str(error)})
        else:
            self._answer_json(200, faults.state())

    def do_DELETE(self) -> None:
        faults = self._faults()
        if faults is not None:
            faults.clear()
            self._answer_json(200, faults.state())

    def _faults(self) -> Faults | None:
        path = self.path.partition("?")[0]
        if path == "/fault" and self.faults is not None:
            if "Origin" not in self.headers:
                return self.faults
            # Only browsers send it: a page of anybody's must not reach into a rehearsal.
            self.send_error(403)
            return None
        self.send_error(405 if path in ("/metrics", "/livez", "/readyz") else 404)
        return None

    def _read_object(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length[:9]) > FAULT_BYTES:
            raise ValueError(f"Content-Length must be a number up to {FAULT_BYTES}")
        try:
            value = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise ValueError("the body is not valid JSON") from None
        if not isinstance(value, dict):
            raise ValueError('the body must be an object such as {"delay": 2, "errors": 0.5}')
        return value

    def _answer_json(self, status: int, value: object) -> None:
        self._answer(status, json.dumps(value).encode() + b"\n", "application/json")

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        # The base class calls a method that it does not know 501; it is the client's mistake.
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == 501 else HTTPStatus(code)
        self.log_error("%d %s", status, message or "")
        self.close_connection = True
        self._answer_json(status, {"error": status.phrase.lower()})

    def log_message(self, format: str, *args: Any) -> None:
        _log.debug(format, *args)
