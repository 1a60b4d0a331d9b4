"""Gunicorn's configuration: `--config python:instrumentation.gunicorn_conf`.

One worker with threads, so that /metrics covers the whole replica; scale by replicas. The
application is built before the worker is forked: it must not open a connection or start a thread
until it serves.
"""

import os
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

from .environment import Environment, SettingsError
from .image_check import check_image


def _exit(reason: object, code: int) -> NoReturn:
    print(reason, file=sys.stderr, flush=True)
    sys.exit(code)


try:
    _read = Environment(os.environ)
    check_image(_read)
    _address = _read.text("BIND_ADDRESS", "127.0.0.1", pattern=r"[0-9A-Za-z.:-]{1,255}")
    _port = _read.integer("HTTP_PORT", 8080, lowest=0, highest=65535)
    threads = _read.integer("THREADS", 8, lowest=1, highest=256)
    graceful_timeout = _read.integer("GRACEFUL_TIMEOUT", 30, lowest=1, highest=3600)
except SettingsError as error:
    _exit(error, 2)

bind = f"[{_address}]:{_port}" if ":" in _address else f"{_address}:{_port}"
workers = 1
worker_class = "instrumentation.worker.Worker"
# Longer than the 90 seconds after which Traefik closes an idle connection: Traefik must close
# first, because only it knows whether a request is on its way.
keepalive = 95
control_socket_disable = True
# Not the parser that happens to be installed: the tests of the limits below use this one.
http_parser = "python"
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
# Trust no proxy headers: otherwise a client could set SCRIPT_NAME or X-Forwarded-Proto.
forwarded_allow_ips = ""
# The heartbeat of the worker is a file: on a slow disk gunicorn would kill the worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def on_starting(server: Any) -> None:
    """Build the application, so that a bad setting stops the server and not each worker."""
    try:
        server.app.wsgi()
    except SettingsError as error:
        _exit(error, 2)


def post_worker_init(worker: Any) -> None:
    """Start the management port; make it report `draining` once the worker receives SIGTERM."""
    instrumentation = worker.wsgi.extensions["instrumentation"]
    try:
        instrumentation.open_management_port().start()
    except OSError as error:
        port = instrumentation.settings.metrics_port
        # With this exit code gunicorn stops, too, instead of starting workers for ever.
        _exit(f"METRICS_PORT={port} cannot be had: {error.strerror}", Arbiter.WORKER_BOOT_ERROR)

    def drain(number: int, frame: FrameType | None) -> None:
        instrumentation.readiness.draining.set()
        worker.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, drain)
