"""Runs the sample service under a real gunicorn."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = {
    "PYTHONPATH": f"{HERE.parent}:{HERE}",
    "API_VERSION": "1",
    "SERVICE_VERSION": "1.2.3",
    "CONSUMERS": "catalog",
    "THREADS": "2",
}


class Running:
    """A real gunicorn with the sample service."""

    def __init__(self, process: subprocess.Popen[str], http: int, metrics: int) -> None:
        self.process, self.http, self.metrics = process, http, metrics

    def get(self, path: str, *, internal: bool = False) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.metrics if internal else self.http, timeout=5)
        try:
            connection.request("GET", path)
            answer: HTTPResponse = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        """What comes back for these bytes when the client then stops sending."""
        with socket.create_connection(("127.0.0.1", self.http), timeout=10) as client:
            answer = b""
            try:
                client.sendall(request)
                client.shutdown(socket.SHUT_WR)
                while part := client.recv(65536):
                    answer += part
            except TimeoutError:
                raise
            except OSError:
                # A server that has refused a large body may close while it is still being sent.
                pass
            return answer


@contextmanager
def own_port() -> Iterator[int]:
    """A port that nobody else is given while the block runs. Our servers can listen there all the
    same: with SO_REUSEADDR on both sides, only one that listens keeps others away.
    """
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def start(**variables: str) -> subprocess.Popen[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--config", "python:instrumentation.gunicorn_conf"),
            "sample_service:create_app()",
        ],
        env=environment | ENVIRONMENT | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@contextmanager
def running(**variables: str) -> Iterator[Running]:
    with own_port() as http, own_port() as metrics:
        process = start(HTTP_PORT=str(http), METRICS_PORT=str(metrics), **variables)
        service = Running(process, http, metrics)

        def is_ready() -> bool:
            assert process.poll() is None, process.communicate()[1]
            try:
                return service.get("/readyz", internal=True)[0] == 200
            except OSError:
                return False

        try:
            until(is_ready, "the service is ready")
            yield service
        finally:
            # The whole session: a worker whose requests wait would outlive its master.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
