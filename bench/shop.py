"""The shop of a benchmark, driven as a user does: with make, and over HTTP."""

import json
import os
import random
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

from bench import BenchError
from load.gateway import Gateway
from release import paths
from release.clients import http
from release.clients.prometheus import Prometheus
from release.console import note
from release.errors import UnansweredError
from release.targets.local.runtime.ports import is_free
from release.targets.local.runtime.supervisor import Supervisor

DOMAIN = "shop.localhost"
_MAKE_LIMIT = 280
_SETTINGS = re.compile("VERSION|NAMESPACE|SHOP|DOMAIN|PORT|STATE|VALUES|BENCH|SLACK_.*")
"""The settings of the caller that a benchmark does not take over."""


@dataclass(frozen=True)
class Shop:
    """A shop at a gateway. Every make gets the variables."""

    gateway: Gateway
    variables: Mapping[str, object]

    @contextmanager
    def start(self, target: str, **variables: object) -> Iterator[subprocess.Popen[str]]:
        """Run make while the block runs. An exception in the block interrupts make and waits until
        make has cleaned up, so that the state folder is not locked afterwards.
        """
        arguments = (f"{name}={value}" for name, value in {**self.variables, **variables}.items())
        process = subprocess.Popen(  # noqa: S603
            ["make", target, *arguments],  # noqa: S607
            cwd=paths.ROOT,
            env={name: os.environ[name] for name in os.environ if not _SETTINGS.fullmatch(name)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        except BaseException:
            with _deferred_signals():
                _interrupt(process)
            raise

    def make(self, target: str, **variables: object) -> tuple[str, str]:
        """Run make to its end; return its output and its notes. Raises BenchError if it fails."""
        with self.start(target, **variables) as process:
            try:
                output, notes = process.communicate(timeout=_MAKE_LIMIT)
            except subprocess.TimeoutExpired as error:
                raise BenchError(f"make {target}: not done after {_MAKE_LIMIT} s") from error
        if process.returncode != 0:
            note(notes.rstrip())
            lines = [
                line for line in notes.splitlines() if line and not line.startswith("make: ***")
            ]
            raise BenchError(f"make {target}: {lines[-1] if lines else 'failed without a message'}")
        return output, notes

    def is_up(self, name: str) -> bool:
        """True if a public host, named without the domain, answers its page."""
        return http.answers(f"{self.gateway.base}/", host=f"{name}.{DOMAIN}", timeout=10)

    def query(self, name: str, promql: str) -> list[float]:
        """Evaluate in the Prometheus of a component; return no values while it is down."""
        with suppress(UnansweredError):
            prometheus = Prometheus(self.gateway.base, f"prometheus.{name}.{DOMAIN}")
            return [series.value for series in prometheus.query(promql)]
        return []


@dataclass(frozen=True)
class LocalShop(Shop):
    """A shop of TARGET=local in a state folder of its own."""

    folder: Path

    def release(self, namespace: str) -> dict[str, int]:
        """Return process name -> process id of a release."""
        for release in json.loads(self.make("status", JSON=1)[0])["releases"]:
            if release["namespace"] == namespace:
                return {process["name"]: process["pid"] for process in release["processes"]}
        raise BenchError(f"make status does not know {namespace}")

    def processes(self) -> list[psutil.Process]:
        """Return every process of the state folder, found without asking the shop."""
        return Supervisor(self.folder / "state" / "supervisor").find_processes()


@contextmanager
def open_shop() -> Iterator[LocalShop]:
    """Make a shop in a temporary folder, on free ports, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="parallel-releases-bench-") as folder:
        # The kernel takes ports of outgoing connections from above this range.
        candidates = random.sample(range(10_000, 20_000), 20)
        port = next(port for port in candidates if is_free(port) and is_free(port + 1))
        variables = {"STATE": f"{folder}/state", "PORT": port}
        gateway = Gateway(http.url(port, ""), DOMAIN)
        shop = LocalShop(gateway, variables, Path(folder))
        try:
            yield shop
        finally:
            with _deferred_signals():
                shop.make("down")
                remaining = [process.pid for process in shop.processes()]
        if remaining:
            raise BenchError(f"make down left processes {remaining}")


def step_seconds(notes: str) -> dict[str, float]:
    """Read the seconds of each step from the notes of a command."""
    steps = re.findall(r"^done +(.+?) +([\d.]+) s$", notes, re.MULTILINE)
    return {name: float(seconds) for name, seconds in steps}


def wait_for(condition: Callable[[], bool], limit: float, what: str) -> None:
    """Wait until the condition holds. Raises BenchError after `limit` seconds."""
    if not http.wait_until(condition, limit=limit, pause=0.1):
        raise BenchError(f"not within {limit:g} s: {what}")


def _interrupt(process: subprocess.Popen[str]) -> None:
    """Interrupt make and its children as Ctrl-C does; kill what does not end."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_MAKE_LIMIT)
            return


@contextmanager
def _deferred_signals() -> Iterator[None]:
    """Deliver the signals that arrive during the block after it: it cleans up."""
    received: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        received.append(number)
        note("stopping what runs")

    before = {number: signal.signal(number, remember) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if received:
            signal.raise_signal(received[0])
