"""Real processes for the tests: stock and catalog under gunicorn."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
import requests

SERVICES = Path(__file__).parents[2]
PATH = os.pathsep.join(
    str(path)
    for path in (
        SERVICES.parent / "packages" / "instrumentation",
        SERVICES / "stock",
        SERVICES / "catalog",
    )
)
Found = TypeVar("Found")
SEED = [("surfer-t-shirt", 20, 120), ("formal-t-shirt", 35.5, 3), ("limited-t-shirt", 80, 0)]


def environment(**variables: object) -> dict[str, str]:
    """A clean environment for a service's process."""
    settings = {name: str(value) for name, value in variables.items()}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": PATH, "SERVICE_VERSION": "9.8.7"} | settings


@pytest.fixture
def service_environment() -> Callable[..., dict[str, str]]:
    """Makes the environment of a process."""
    return environment


@pytest.fixture
def source() -> Callable[..., Path]:
    """Copies the package into a folder, as an image holds it: without the other version."""

    def copy(folder: Path, without: str) -> Path:
        ignored = shutil.ignore_patterns(without, "__pycache__")
        shutil.copytree(SERVICES / "catalog" / "catalog", folder / "catalog", ignore=ignored)
        return folder

    return copy


@contextmanager
def serving(log: Path, service: str, variables: dict[str, str]) -> Iterator[str]:
    """The base URL of a service under gunicorn, while the block runs."""
    command = [sys.executable, "-m", "gunicorn", "--config", "python:instrumentation.gunicorn_conf"]
    ports = {"HTTP_PORT": "0", "METRICS_PORT": variables.get("METRICS_PORT", "0")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, f"{service}.app:create_app()"], env=variables | ports, stderr=output
        )
    try:
        address = until(lambda: re.search(r"Listening at: (http://\S+)", log.read_text()), log)
        yield address[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def until(look: Callable[[], Found | None], log: Path) -> Found:
    """What `look` finds, within some seconds."""
    deadline = time.monotonic() + 20
    while (found := look()) is None:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)
    return found


@dataclass(frozen=True)
class Inventory:
    """The shop's shelves: the database file that a stock process serves."""

    file: Path

    def fill(self, t_shirts: list[tuple[str, float, int]]) -> None:
        """Replace everything by these (name, price in euros, quantity)."""
        with closing(sqlite3.connect(self.file, timeout=10)) as database, database:
            database.execute("DELETE FROM t_shirts")
            database.executemany(
                "INSERT INTO t_shirts (name, price, quantity) VALUES (?, ?, ?)", t_shirts
            )

    def left(self, name: str) -> int:
        """How many of one t-shirt are left."""
        with closing(sqlite3.connect(self.file, timeout=10)) as database:
            query = "SELECT quantity FROM t_shirts WHERE name = ?"
            return int(database.execute(query, (name,)).fetchone()[0])


@dataclass(frozen=True)
class Shop:
    """A catalog process of one version, in front of a real stock process of the same version."""

    version: int
    url: str
    inventory: Inventory
    browser: requests.Session
    metrics_url: str = ""
    stock_url: str = ""

    def path(self, name: str) -> str:
        """The address of a t-shirt, whose name is already encoded."""
        return f"/product/t-shirt/{name}" if self.version == 1 else f"/products/{name}"

    def get(self, path: str, accept: str = "text/html", **headers: str) -> requests.Response:
        return self.browser.get(
            self.url + path, headers={"Accept": accept} | headers, allow_redirects=False, timeout=30
        )

    def remote_calls(self) -> dict[tuple[str, str], float]:
        """How often each (call, outcome) has been counted."""
        text = self.browser.get(self.metrics_url, timeout=10).text
        found = re.findall(r"remote_call_duration_seconds_count{(.*)} (.*)", text)
        labels = [(dict(re.findall(r'(\w+)="(\w+)"', names)), count) for names, count in found]
        return {(label["call"], label["outcome"]): float(count) for label, count in labels}

    def buy(self, name: str, accept: str = "text/html", **sent: object) -> requests.Response:
        """The answer to an order; `data` is a form, `json` a document."""
        return self.browser.post(
            f"{self.url}{self.path(name)}/buy",
            allow_redirects=False,
            timeout=30,
            **({"headers": {"Accept": accept}} | sent),  # type: ignore[arg-type]
        )


@contextmanager
def open_shop(version: int, folder: Path) -> Iterator[Shop]:
    """Stock and catalog of one version, on an inventory of their own."""
    file = folder / "shop.db"
    stock = environment(API_VERSION=version, DATABASE_URL=f"sqlite:///{file}")
    subprocess.run([sys.executable, "-m", "stock.migrate"], env=stock, check=True)
    with serving(folder / "stock.log", "stock", stock) as stock_url:
        catalog = environment(API_VERSION=version, STOCK_URL=stock_url, CONSUMERS="catalog")
        with (
            serving(folder / "catalog.log", "catalog", catalog) as url,
            requests.Session() as browser,
        ):
            browser.trust_env = False
            yield Shop(version, url, Inventory(file), browser, stock_url=stock_url)


@pytest.fixture(scope="session")
def open_shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Shop]]:
    """Gives the one shop of a version, with the shelves of SEED."""
    shops: dict[int, Shop] = {}
    with ExitStack() as stack:

        def shop_of(version: int) -> Shop:
            if version not in shops:
                folder = tmp_path_factory.mktemp(f"v{version}")
                shops[version] = stack.enter_context(open_shop(version, folder))
            shops[version].inventory.fill(SEED)
            return shops[version]

        yield shop_of


@pytest.fixture(params=[1, 2], ids=["v1", "v2"])
def shop(request: pytest.FixtureRequest, open_shops: Callable[[int], Shop]) -> Shop:
    """A shop of each version in turn."""
    return open_shops(request.param)


@pytest.fixture
def v1(open_shops: Callable[[int], Shop]) -> Shop:
    """The shop of version 1."""
    return open_shops(1)


@pytest.fixture
def v2(open_shops: Callable[[int], Shop]) -> Shop:
    """The shop of version 2."""
    return open_shops(2)


@pytest.fixture
def open_catalog(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Opens a catalog of a version in front of the stock at a URL, with further settings."""
    with ExitStack() as stack:

        def catalog_of(version: int, stock_url: str, **settings: object) -> Shop:
            # Bound all the while, so that nobody else is given the port before catalog listens;
            # both have said that they share it.
            bound = stack.enter_context(socket.socket())
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(("127.0.0.1", 0))
            port = bound.getsockname()[1]
            variables = environment(
                API_VERSION=version, STOCK_URL=stock_url, METRICS_PORT=port, **settings
            )
            url = stack.enter_context(serving(tmp_path / "catalog.log", "catalog", variables))
            browser = stack.enter_context(requests.Session())
            browser.trust_env = False
            shelves = Inventory(tmp_path / "none")
            return Shop(version, url, shelves, browser, f"http://127.0.0.1:{port}/metrics")

        yield catalog_of
