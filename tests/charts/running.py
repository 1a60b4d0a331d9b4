"""A real Alertmanager, and a webhook that it posts to, on ports of their own of this machine."""

import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from tests.charts.rendering import program
from tests.conftest import free_port


class Webhook:
    """Keeps what is posted to `url`."""

    def __init__(self, port: int, posted: Queue[Any]) -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self._posted = posted

    def received(self) -> Any:
        try:
            return self._posted.get(timeout=20)
        except Empty:
            pytest.fail("nothing was posted to the webhook")


@contextmanager
def webhook() -> Iterator[Webhook]:
    posted: Queue[Any] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Webhook(server.server_port, posted)
        server.shutdown()


@contextmanager
def alertmanager(configuration: Path, external_url: str) -> Iterator[str]:
    """Address of an Alertmanager that keeps its data and log beside its configuration."""
    folder = configuration.parent
    address = f"127.0.0.1:{free_port()}"
    arguments = {
        "config.file": configuration,
        "storage.path": folder / "data",
        "web.listen-address": address,
        "web.external-url": external_url,
        "web.route-prefix": "/",
        "cluster.listen-address": "",
    }
    command = [program("alertmanager", "prometheus-alertmanager")]
    command += [f"--{name}={value}" for name, value in arguments.items()]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until_ready(address, process, folder / "log")
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(10)


def wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://{address}/-/ready", timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"Alertmanager is not ready: {log.read_text()[-2000:]}")


def tell(alertmanager: str, alert: dict[str, Any]) -> None:
    """Do what a Prometheus does when an alert starts, lasts or ends."""
    request = urllib.request.Request(
        f"{alertmanager}/api/v2/alerts",
        json.dumps([alert]).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=5).close()
