"""gunicorn's configuration: `--config python:instrumentation.gunicorn_conf`.

One worker with threads, so that the numbers on /metrics are the whole truth about a replica; scale
by replicas. The application is built before the worker is forked: it must not open a connection or
start a thread until it serves.
"""

import os
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

from .environment import Environment, SettingsError
from .image_check import check_content


def _give_up(reason: object, code: int) -> NoReturn:
    print(reason, file=sys.stderr, flush=True)
    sys.exit(code)


try:
    _read = Environment(os.environ)
    check_content(_read)
    _address = _read.text("BIND_ADDRESS", "127.0.0.1", pattern=r"[0-9A-Za-z.:-]{1,255}")
    _port = _read.integer("HTTP_PORT", 8080, lowest=0, highest=65535)
    threads = _read.integer("THREADS", 8, lowest=1, highest=256)
    graceful_timeout = _read.integer("GRACEFUL_TIMEOUT", 30, lowest=1, highest=3600)
except SettingsError as error:
    _give_up(error, 2)

bind = f"[{_address}]:{_port}" if ":" in _address else f"{_address}:{_port}"
workers = 1
worker_class = "instrumentation.worker.Worker"
# Above the 90 seconds after which Traefik drops an idle connection: whoever closes first must be
# the one that knows whether a request is on its way.
keepalive = 95
control_socket_disable = True
# Not whichever parser happens to be installed: the limits and refusals below are tested with this.
http_parser = "python"
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
# No client may speak for a proxy: SCRIPT_NAME or X-Forwarded-Proto from outside would be believed.
forwarded_allow_ips = ""
# The worker's sign of life is a file; on a disk that stalls, it would be taken for dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def on_starting(server: Any) -> None:
    """Build the application, so that a bad setting ends the server and not each worker."""
    try:
        server.app.wsgi()
    except SettingsError as error:
        _give_up(error, 2)


def post_worker_init(worker: Any) -> None:
    """Start the internal port, and say `draining` there as soon as the worker is told to stop."""
    instrumentation = worker.wsgi.extensions["instrumentation"]
    try:
        instrumentation.exporter.start()
    except OSError as error:
        port = instrumentation.exporter.port
        # With this code gunicorn gives up too, instead of trying again for ever.
        _give_up(f"METRICS_PORT={port} cannot be had: {error.strerror}", Arbiter.WORKER_BOOT_ERROR)

    def drain(number: int, frame: FrameType | None) -> None:
        instrumentation.draining.set()
        worker.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, drain)
