"""gunicorn's configuration: `--config python:instrumentation.gunicorn_conf`.

One worker with threads, so that the numbers on /metrics are the whole truth about a replica; scale
by replicas.
"""

import os
import signal
import sys
from types import FrameType
from typing import Any

from instrumentation.environment import Environment, SettingsError

try:
    _read = Environment(os.environ)
    _address = _read.text("BIND_ADDRESS", "127.0.0.1", pattern=r"[0-9A-Za-z.:-]{1,255}")
    _port = _read.integer("HTTP_PORT", 8080, lowest=0, highest=65535)
    threads = _read.integer("THREADS", 8, lowest=1, highest=256)
    graceful_timeout = _read.integer("GRACEFUL_TIMEOUT", 30, lowest=1, highest=3600)
except SettingsError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

bind = f"[{_address}]:{_port}" if ":" in _address else f"{_address}:{_port}"
workers = 1
worker_class = "instrumentation.worker.Worker"
# Above the 90 seconds after which Traefik drops an idle connection: whoever closes first must be
# the one that knows whether a request is on its way.
keepalive = 95
control_socket_disable = True
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
# No client may speak for a proxy: SCRIPT_NAME or X-Forwarded-Proto from outside would be believed.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}


def on_starting(server: Any) -> None:
    """Build the application before the fork, so that a bad setting ends the server at once."""
    try:
        server.app.wsgi()
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def post_worker_init(worker: Any) -> None:
    """Start the internal port, and say `draining` there as soon as the worker is told to stop."""
    instrumentation = worker.wsgi.extensions["instrumentation"]
    instrumentation.exporter.start()

    def drain(number: int, frame: FrameType | None) -> None:
        instrumentation.draining.set()
        worker.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, drain)
