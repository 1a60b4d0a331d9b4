"""A shop that tests drive as a user does: with make, and over HTTP."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from load.gateway import Gateway
from release.files import locked
from release.paths import known_versions
from release.targets.local.runtime.ports import is_free

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = "shop.localhost"
VERSIONS = known_versions()
NEWEST = VERSIONS[-1]

# A shell that starts the tests in the background has them ignore Ctrl-C, and what they start
# inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)

EXPORTED = ("DOCKER_HOST", "SLACK_WEBHOOK_URL", "PACT_BROKER_TOKEN", "REGISTRY_PASSWORD")


@dataclass
class Shop:
    """One state folder with a gateway of its own; several can live side by side."""

    state: Path
    port: int
    variables: dict[str, str] = field(default_factory=dict)
    project: Path = ROOT

    def make(
        self, *targets: str, check: bool = True, **variables: object
    ) -> subprocess.CompletedProcess[str]:
        """Run make with these variables on its command line, as a person types them."""
        exported = {name: variables.pop(name) for name in EXPORTED if name in variables}
        done = subprocess.run(
            ["make", *targets, *(f"{name}={value}" for name, value in variables.items())],
            cwd=self.project,
            env=self.environment(**exported),
            capture_output=True,
            text=True,
            timeout=300,
        )
        if check and done.returncode != 0:
            pytest.fail(f"make {' '.join(targets)} {variables}: {done.stdout}\n{done.stderr}")
        return done

    def tool(
        self, command: str, *, check: bool = True, **variables: object
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that only the pipeline calls."""
        done = subprocess.run(
            [sys.executable, "-m", "release", command],
            cwd=self.project,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            timeout=300,
        )
        if check and done.returncode != 0:
            pytest.fail(f"{command} {variables}: {done.stdout}\n{done.stderr}")
        return done

    def environment(self, **variables: object) -> dict[str, str]:
        """Return a clean environment with the place of this shop, and more variables."""
        place = {"STATE": self.state, "PORT": self.port}
        given = {**place, **self.variables, **variables}
        return clean_environment() | {name: str(value) for name, value in given.items()}

    def start(self, *targets: str, **variables: object) -> subprocess.Popen[str]:
        """Start make and go on; the caller waits for it."""
        return subprocess.Popen(
            ["make", *targets, *(f"{name}={value}" for name, value in variables.items())],
            cwd=self.project,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def gateway(self) -> Gateway:
        """Where clients find it."""
        return Gateway(f"http://127.0.0.1:{self.port}", DOMAIN)

    def request(self, method: str, name: str, path: str = "/", **options: Any) -> requests.Response:
        """Ask a public host by its name below the domain; names need not resolve."""
        headers = {"Host": f"{name}.{DOMAIN}", **options.pop("headers", {})}
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method,
                f"http://127.0.0.1:{self.port}{path}",
                headers=headers,
                timeout=options.pop("timeout", 10),
                allow_redirects=options.pop("allow_redirects", False),
                **options,
            )

    def get(self, name: str, path: str = "/", **options: Any) -> requests.Response:
        return self.request("GET", name, path, **options)

    def status(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.make("status", JSON=1).stdout)
        return report

    def internal(self, namespace: str, service: str, path: str = "/metrics") -> str:
        """What a service says on its internal port."""
        answer = requests.get(self.internal_url(namespace, service) + path, timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.text

    def internal_url(self, namespace: str, service: str) -> str:
        """The internal port's address, as Prometheus knows it."""
        number = namespace.removeprefix("qv")
        found: list[str] = []

        def scraped() -> bool:
            targets = self.get(f"prometheus.{service}.v{number}", "/api/v1/targets").json()
            found[:] = [target["scrapeUrl"] for target in targets["data"]["activeTargets"]]
            return bool(found)

        eventually(scraped, what=f"a scrape target of {service} in {namespace}")
        return found[0].removesuffix("/metrics")

    def processes(self, word: str = "") -> list[psutil.Process]:
        """Everything that runs on behalf of this state folder, found without asking it; or only
        what has this name, or this word in its command line.
        """
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                state = process.environ().get("PARALLEL_RELEASES_STATE", "")
                words = (process.name(), *process.cmdline()) if word else ("",)
                if state.startswith(str(self.state)) and word in words:
                    found.append(process)
        return found

    def alerts(self, name: str) -> list[str]:
        """The names of the alerts that fire in the Alertmanager of a component, `catalog.v1` for
        instance.
        """
        answer = self.get(f"alertmanager.{name}", "/api/v2/alerts?active=true")
        assert answer.status_code == 200, answer.text
        return [alert["labels"]["alertname"] for alert in answer.json()]

    def query(self, name: str, expression: str) -> list[dict[str, Any]]:
        """The result of a PromQL expression in the Prometheus of a component."""
        answer = self.get(f"prometheus.{name}", "/api/v1/query", params={"query": expression})
        assert answer.status_code == 200, answer.text
        result: list[dict[str, Any]] = answer.json()["data"]["result"]
        return result

    def caught_up(self, name: str) -> None:
        """Wait until the Prometheus of a component knows of everything that was answered so far."""
        # A request is counted when its answer has left: the scrape must not begin right after.
        since = time.time() + 0.5

        def scraped() -> bool:
            scrapes = [float(one["value"][1]) for one in self.query(name, "timestamp(up)")]
            return bool(scrapes) and min(scrapes) > since

        eventually(scraped, what=f"a scrape by the Prometheus of {name}")


def clean_environment() -> dict[str, str]:
    """Ours without what an outer make or a caller's settings would add."""
    unwanted = ("MAKE", "MFLAGS", "VERSION", "STATE", "PORT", "NAMESPACE", "TESTS", "SLACK_")
    others = ("TARGET", "CONTEXT", "SHOP", "GATEWAY", "TRAEFIK_NAMESPACE", "REGISTRY", "CLUSTER")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(unwanted) and name not in others
    }


def eventually(
    condition: Callable[[], object], limit: float = 30, what: str = "", pause: float = 0.1
) -> None:
    """Poll until the condition holds; fail the test when it does not within `limit` seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, f"not within {limit:g} s: {what or condition}"
        time.sleep(pause)


def kill(processes: Iterable[psutil.Process]) -> None:
    """End them at once, and return when they have ended. Some may have gone meanwhile: with their
    parent, or by themselves.
    """
    killed = list(processes)
    for process in killed:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    eventually(lambda: not any(map(_lives, killed)), what="the killed have ended", pause=0.01)


def _lives(process: psutil.Process) -> bool:
    try:
        # One that nobody has waited for yet does nothing any more.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def free_port() -> int:
    """A port where nothing listens, as on the next one. No other test of this machine gets them
    while this process lives.
    """
    return next(port for port in _PORTS if is_free(port) and is_free(port + 1))


def _ports() -> Iterator[int]:
    """Ports below those of outgoing connections, so that they are still free after a restart.

    They come in blocks that belong to one process of tests while it lives. An abstract socket of
    the block's name says so to the others, and goes with its process however that ends.
    """
    blocks = list(range(10_000, 20_000, 100))
    random.shuffle(blocks)
    claims = []
    for first in blocks:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0parallel-releases-tests-{first}")
        except OSError:
            claim.close()
        else:
            claims.append(claim)
            yield from range(first, first + 100, 2)
    pytest.fail("no port from 10000 to 19999 is left to this process: end older runs of the tests")


_PORTS = _ports()


def open_shop(folder: Path) -> Iterator[Shop]:
    shop = Shop(folder / "state", free_port())
    yield shop
    shop.make("down")
    assert shop.processes() == []


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop of this test's own, with nothing deployed."""
    yield from open_shop(tmp_path)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Both versions, live, for the tests of one module."""
    for shop in open_shop(tmp_path_factory.mktemp("both")):
        shop.make("deploy", VERSION=1)
        shop.make("deploy", VERSION=2)
        yield shop


@contextmanager
def sole_chart_repositories() -> Iterator[None]:
    """The ports of the chart repositories, and this clone's .charts, for nobody else while the
    block runs: they are the same for every test.
    """
    folder = Path(tempfile.gettempdir())
    with locked(folder / f"parallel-releases-charts-{os.getuid()}.lock"):
        yield


@pytest.fixture
def chart_repositories() -> Iterator[None]:
    """For one test alone."""
    with sole_chart_repositories():
        yield


def copy_of_the_project(folder: Path) -> Iterator[tuple[Shop, Path]]:
    """A shop of a copy of this project, to be edited; tools and environments are shared,
    verdicts are its own.
    """
    project = folder / "project"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", ".tools", ".state*", ".charts*", ".*_cache", "__pycache__"
    )
    shutil.copytree(ROOT, project, symlinks=True, ignore=ignored)
    (project / ".venv").symlink_to(ROOT / ".venv")
    (project / ".tools").mkdir()
    for shared in (ROOT / ".tools").iterdir():
        if shared.name != "verdicts":
            (project / ".tools" / shared.name).symlink_to(shared)
    for shop in open_shop(folder):
        shop.project = project
        yield shop, project
