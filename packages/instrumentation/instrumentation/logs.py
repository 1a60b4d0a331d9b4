"""JSON log lines, which clients cannot forge; each has the id of its request.

Errors go to stderr with their trace. Requests go to stdout only with ACCESS_LOG=true: Prometheus
has the numbers, and writing a line costs about three times as much as counting the request.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO, cast

from flask import Flask
from flask.logging import default_handler, wsgi_errors_stream

from .http_metrics import RequestLabels
from .tracing import current_request_id, request_id


class JsonLines(logging.Formatter):
    """Formats a record as a JSON object: time, level, message, request_id, and trace if any."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "request_id": current_request_id(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in line.items() if value is not None})


def log_errors(app: Flask) -> None:
    """Write the log of the application to stderr as JSON lines."""
    handler = logging.StreamHandler(cast(TextIO, wsgi_errors_stream))
    handler.setFormatter(JsonLines())
    app.logger.addHandler(handler)
    app.logger.removeHandler(default_handler)


def log_request(environ: dict[str, Any], key: RequestLabels, seconds: float) -> None:
    """Write one request to stdout."""
    line = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request_id": request_id(environ),
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "route": key.route,
        "status": key.status,
        "consumer": key.consumer,
        "seconds": round(seconds, 6),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
