"""A real Traefik in front of a service that misbehaves when asked to, and a real Prometheus."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from release.canary.metrics import GatewayMetrics, GatewaySample
from release.clients import http
from release.clients.prometheus import Prometheus
from release.toolchain import tools
from tests.conftest import eventually, free_port

OLD, NEW = "qv1.catalog.weighted@file", "qv2.catalog.weighted@file"
SLOW = 1.2
"""A limit that Traefik counts by, and longer than a busy machine keeps an answer waiting."""


class Misbehaving(BaseHTTPRequestHandler):
    """Answers /404 with 404, /late/200 after twice SLOW."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "late" in self.path:
            time.sleep(2 * SLOW)
        try:
            self.send_response(int(self.path.rpartition("/")[2]))
            self.send_header("Content-Length", "0")
            self.end_headers()
        except OSError:
            self.close_connection = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass
class Gateway:
    """Hosts: `old` and `new` lead to one version, `retry` to a new one with a dead replica,
    `buffered` to the new one through a buffer, `pinned` to the new version's other service,
    `stage` to the new version of another shop.
    """

    folder: Path
    backend: int
    port: int = field(default_factory=free_port)
    api: int = field(default_factory=free_port)
    prometheus_port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def prometheus(self) -> Prometheus:
        return Prometheus(http.url(self.prometheus_port, ""))

    def evidence(self, slow: float = SLOW) -> GatewayMetrics:
        return GatewayMetrics(self.prometheus, OLD, NEW, slow)

    def get(self, host: str, path: str, patience: float = 10) -> int:
        """The status, or 0 when there was no answer in time."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            connection.request("GET", path, headers={"Host": host})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def send(self, request: bytes) -> bytes:
        """Raw bytes, and the first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            return connection.recv(100).partition(b"\r\n")[0]

    def start(self, name: str) -> None:
        program = tools.ensure([name])[name]
        arguments = {
            "traefik": [f"--configFile={self.folder / 'traefik.yaml'}"],
            "prometheus": [
                f"--config.file={self.folder / 'prometheus.yaml'}",
                f"--storage.tsdb.path={self.folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.prometheus_port}",
                "--log.level=error",
            ],
        }[name]
        self.running[name] = subprocess.Popen([program, *arguments])
        ready = {
            "traefik": http.url(self.api, "/api/http/services/pinned@file"),
            "prometheus": http.url(self.prometheus_port, "/-/ready"),
        }[name]
        eventually(lambda: http.answers(ready), what=f"{name} answers")

    def stop(self, name: str) -> None:
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def configure(self) -> None:
        def servers(*ports: int) -> dict[str, object]:
            return {"loadBalancer": {"servers": [{"url": http.url(port, "")} for port in ports]}}

        def router(name: str, service: str, *middlewares: str) -> dict[str, object]:
            return {"rule": f"Host(`{name}`)", "service": service, "middlewares": middlewares}

        dead = free_port()
        old, new = OLD.removesuffix("@file"), NEW.removesuffix("@file")
        dynamic = {
            "routers": {
                "old": router("old", old),
                "new": router("new", new),
                "dead": router("dead", "half-dead"),
                "retry": router("retry", "half-dead", "retry"),
                "buffered": router("buffered", new, "buffer"),
                "pinned": router("pinned", "pinned"),
                "stage": router("stage", f"stage-{new}"),
            },
            "middlewares": {
                "retry": {"retry": {"attempts": 2}},
                "buffer": {"buffering": {"maxRequestBodyBytes": 100_000}},
            },
            "services": {
                old: servers(self.backend),
                new: servers(self.backend),
                "pinned": servers(self.backend),
                f"stage-{new}": servers(self.backend),
                "half-dead": servers(dead, self.backend),
            },
        }
        static = {
            "entryPoints": {
                "web": {"address": f"127.0.0.1:{self.port}"},
                "traefik": {"address": f"127.0.0.1:{self.api}"},
            },
            "api": {"insecure": True},
            "metrics": {"prometheus": {"entryPoint": "traefik", "addServicesLabels": True}},
            "providers": {"file": {"filename": str(self.folder / "dynamic.yaml")}},
            "log": {"level": "FATAL"},
        }
        target = {"targets": [f"127.0.0.1:{self.api}"], "labels": {"service": "gateway"}}
        scraping = {
            "global": {"scrape_interval": "400ms", "scrape_timeout": "400ms"},
            "scrape_configs": [
                {"job_name": "gateway", "honor_labels": True, "static_configs": [target]}
            ],
        }
        (self.folder / "dynamic.yaml").write_text(json.dumps({"http": dynamic}))
        (self.folder / "traefik.yaml").write_text(yaml.safe_dump(static))
        (self.folder / "prometheus.yaml").write_text(yaml.safe_dump(scraping))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), server.server_port)
    gateway.configure()
    try:
        gateway.start("traefik")
        gateway.start("prometheus")
        yield gateway
    finally:
        for name in list(gateway.running):
            gateway.stop(name)
        server.shutdown()
        server.server_close()


def begun(evidence: GatewayMetrics) -> GatewaySample:
    """The first look that counts from now on: a scrape has been taken since."""
    evidence.begin()
    found: list[GatewaySample | None] = []

    def looked() -> GatewaySample | None:
        found.append(evidence.sample())
        return found[-1]

    eventually(looked, what="two scrapes")
    assert found[-1] is not None
    return found[-1]


def settled(evidence: GatewayMetrics) -> GatewaySample:
    """Return the sample after two further scrapes."""
    first = evidence.sample()
    assert first is not None
    found = [first]

    def later() -> bool:
        found.append(evidence.sample() or first)
        return found[-1].at >= first.at + 2 * found[-1].interval

    eventually(later, what="two more scrapes")
    return found[-1]


@contextmanager
def counting(evidence: GatewayMetrics) -> Iterator[list[GatewaySample]]:
    """Counts what happens in the block; the list holds the look after it."""
    begun(evidence)
    found: list[GatewaySample] = []
    yield found
    found.append(settled(evidence))
