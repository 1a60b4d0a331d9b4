"""A shop of a benchmark's own, driven as a user drives it: with make, and over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from bench.answer import BenchError
from bench.signals import undisturbed
from load.gateway import Gateway
from release.console import note

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = "shop.localhost"
_MAKE_LIMIT = 120
_OUR_OWN = {
    *("VERSION", "NAMESPACE", "SHOP", "DOMAIN", "PORT", "INTERNAL_PORT", "STATE", "VALUES"),
    "BENCH",
}


@dataclass(frozen=True)
class Shop:
    """One state folder with a gateway of its own."""

    folder: Path
    port: int
    internal_port: int

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def gateway(self) -> Gateway:
        """Where clients find it."""
        return Gateway(f"http://127.0.0.1:{self.port}", DOMAIN)

    @contextmanager
    def start(self, target: str, **variables: object) -> Iterator[subprocess.Popen[str]]:
        """Run make while the block runs. Whatever disturbs the block interrupts make as well and
        waits until it has tidied up, so that the state folder is not locked afterwards.
        """
        given = {
            "STATE": self.state,
            "PORT": self.port,
            "INTERNAL_PORT": self.internal_port,
            **variables,
        }
        process = subprocess.Popen(  # noqa: S603
            ["make", target, *(f"{name}={value}" for name, value in given.items())],  # noqa: S607
            cwd=ROOT,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        except BaseException:
            with undisturbed():
                _interrupt(process)
            raise

    def make(self, target: str, **variables: object) -> str:
        """Run make to its end; its standard output. Raises BenchError with its last line."""
        with self.start(target, **variables) as process:
            try:
                output, errors = process.communicate(timeout=_MAKE_LIMIT)
            except subprocess.TimeoutExpired as error:
                raise BenchError(f"make {target}: not done after {_MAKE_LIMIT} s") from error
        if process.returncode != 0:
            raise failure(target, errors)
        return output

    def get(self, name: str, path: str = "/") -> tuple[int, bytes]:
        """Status and body of a public host, named without the domain; 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": f"{name}.{DOMAIN}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def query(self, name: str, expression: str) -> list[float]:
        """The values that the Prometheus of a component has for an expression."""
        path = "/api/v1/query?" + urlencode({"query": expression})
        status, body = self.get(f"prometheus.{name}", path)
        found = json.loads(body)["data"]["result"] if status == 200 else []
        return [float(series["value"][1]) for series in found]

    def release(self, namespace: str) -> dict[str, int]:
        """The process ids of a release by process name, as make status tells them."""
        releases: list[dict[str, Any]] = json.loads(self.make("status", JSON=1))["releases"]
        for release in releases:
            if release["namespace"] == namespace:
                return {process["name"]: process["pid"] for process in release["processes"]}
        raise BenchError(f"make status does not know {namespace}")

    def processes(self) -> list[psutil.Process]:
        """Everything that runs for this state folder, found without asking it."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("PARALLEL_RELEASES_STATE", "").startswith(str(self.state)):
                    found.append(process)
        return found


@contextmanager
def open_shop() -> Iterator[Shop]:
    """A shop in a temporary folder, on free ports; nothing of it is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="parallel-releases-bench-") as folder:
        # Below the ports of outgoing connections, so that they are still free in a moment.
        port, internal_port = random.sample(_free(range(10_000, 20_000)), 2)
        shop = Shop(Path(folder), port, internal_port)
        try:
            yield shop
        finally:
            with undisturbed():
                shop.make("down")
                left = [process.pid for process in shop.processes()]
        if left:
            raise BenchError(f"make down left processes {left}")


def _interrupt(process: subprocess.Popen[str]) -> None:
    """As Ctrl-C would; what does not end by then is killed."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_MAKE_LIMIT)
            return


def failure(target: str, errors: str) -> BenchError:
    """Why make failed: its last line. What it wrote before, a log's tail for instance, is shown."""
    note(errors.rstrip())
    said = [line for line in errors.splitlines() if line and not line.startswith("make: ***")]
    return BenchError(f"make {target}: {said[-1] if said else 'failed without a word'}")


def eventually(condition: Any, limit: float, what: str) -> None:
    """Poll until the condition holds. Raises BenchError when it does not within `limit` seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"not within {limit:g} s: {what}")
        time.sleep(0.1)


def _environment() -> dict[str, str]:
    """Ours without what an outer make or a caller's settings would add."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _OUR_OWN and not name.startswith(("MAKE", "MFLAGS", "SLACK_"))
    }


def _free(ports: range) -> list[int]:
    found = []
    for port in random.sample(ports, 20):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
    return found
