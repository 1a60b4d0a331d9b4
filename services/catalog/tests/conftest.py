"""Real processes for the tests: stock and catalog under gunicorn, and stocks that are not real.

PACTS names the folder that the contract tests write their pacts to; without it they go to a
temporary one.
"""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from pact import Pact
from prometheus_client import CollectorRegistry

from catalog import transport
from catalog.settings import StockSettings
from catalog.stock_errors import StockError, StockUnavailable
from catalog.transport import Transport
from instrumentation import RemoteCalls

SERVICES = Path(__file__).parents[2]
CATALOG = SERVICES / "catalog" / "catalog"
PATH = os.pathsep.join(
    str(path)
    for path in (
        SERVICES.parent / "packages" / "instrumentation",
        SERVICES / "stock",
        SERVICES / "catalog",
    )
)
SEED = [("surfer-t-shirt", 20, 120), ("formal-t-shirt", 35.5, 3), ("limited-t-shirt", 80, 0)]


def environment(**variables: object) -> dict[str, str]:
    """The whole environment of a service's process."""
    settings = {name: str(value) for name, value in variables.items()}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": PATH, "SERVICE_VERSION": "9.8.7"} | settings


@pytest.fixture
def service_environment() -> Callable[..., dict[str, str]]:
    """Makes the environment of a process."""
    return environment


@pytest.fixture
def source() -> Callable[..., Path]:
    """Copies the package into a folder, as an image holds it: with one version only."""

    def copy(folder: Path, version: int) -> Path:
        others = [path.name for path in CATALOG.glob("v*") if path.name != f"v{version}"]
        ignored = shutil.ignore_patterns(*others, "__pycache__")
        shutil.copytree(CATALOG, folder / "catalog", ignore=ignored)
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
        yield wait_for_address(log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def wait_for_address(log: Path) -> str:
    """Return the address in a server's log, within some seconds."""
    deadline = time.monotonic() + 20
    while (address := re.search(r"Listening at: (http://\S+)", log.read_text())) is None:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)
    return address[1]


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

    api: SimpleNamespace
    url: str
    inventory: Inventory
    browser: requests.Session
    metrics_url: str = ""
    stock_url: str = ""

    @property
    def version(self) -> int:
        return int(self.api.VERSION)

    def path(self, name: str) -> str:
        """The address of a t-shirt, whose name is already encoded."""
        return f"{self.api.PRODUCTS}{name}"

    def get(self, path: str, accept: str = "text/html", **headers: str) -> requests.Response:
        return self.browser.get(
            self.url + path, headers={"Accept": accept} | headers, allow_redirects=False, timeout=30
        )

    def remote_calls(self) -> dict[tuple[str, str], float]:
        """How often each (call, outcome) has been counted."""
        text = self.browser.get(self.metrics_url, timeout=10).text
        series = re.findall(r"remote_call_duration_seconds_count{(.*)} (.*)", text)
        labels = [(dict(re.findall(r'(\w+)="(\w+)"', names)), count) for names, count in series]
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
def open_shop(api: SimpleNamespace, folder: Path) -> Iterator[Shop]:
    """Stock and catalog of one version, on an inventory of their own."""
    file = folder / "shop.db"
    stock = environment(API_VERSION=api.VERSION, DATABASE_URL=f"sqlite:///{file}")
    subprocess.run([sys.executable, "-m", "stock.migrate"], env=stock, check=True)
    with serving(folder / "stock.log", "stock", stock) as stock_url:
        catalog = environment(API_VERSION=api.VERSION, STOCK_URL=stock_url, CONSUMERS="catalog")
        with (
            serving(folder / "catalog.log", "catalog", catalog) as url,
            requests.Session() as browser,
        ):
            browser.trust_env = False
            yield Shop(api, url, Inventory(file), browser, stock_url=stock_url)


@pytest.fixture(scope="session")
def open_shops(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[SimpleNamespace], Shop]]:
    """Gives the one shop of a version, with the shelves of SEED."""
    shops: dict[int, Shop] = {}
    with ExitStack() as stack:

        def shop_of(api: SimpleNamespace) -> Shop:
            if api.VERSION not in shops:
                folder = tmp_path_factory.mktemp(f"v{api.VERSION}")
                shops[api.VERSION] = stack.enter_context(open_shop(api, folder))
            shops[api.VERSION].inventory.fill(SEED)
            return shops[api.VERSION]

        yield shop_of


@pytest.fixture
def shop(api: SimpleNamespace, open_shops: Callable[[SimpleNamespace], Shop]) -> Shop:
    """The shop of a version, in front of a real stock."""
    return open_shops(api)


@pytest.fixture
def open_catalog(api: SimpleNamespace, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Opens a catalog of a version in front of the stock at a URL, with further settings."""
    with ExitStack() as stack:

        def catalog_of(stock_url: str, **settings: object) -> Shop:
            # Bound all the while, so that no other process gets the port before catalog listens;
            # both set the option that lets them share it.
            bound = stack.enter_context(socket.socket())
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(("127.0.0.1", 0))
            port = bound.getsockname()[1]
            variables = environment(
                API_VERSION=api.VERSION, STOCK_URL=stock_url, METRICS_PORT=port, **settings
            )
            url = stack.enter_context(serving(tmp_path / "catalog.log", "catalog", variables))
            browser = stack.enter_context(requests.Session())
            browser.trust_env = False
            shelves = Inventory(tmp_path / "none")
            return Shop(api, url, shelves, browser, f"http://127.0.0.1:{port}/metrics")

        yield catalog_of


@dataclass
class BadStock:
    """A stock with scripted responses: one per request, the last one for all that follow."""

    url: str
    listener: socket.socket
    script: list[bytes | Callable[[socket.socket], None]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @staticmethod
    def http(body: str, status: str = "200 OK", *, headers: str = "") -> bytes:
        """The bytes of an answer; headers end with a line break each."""
        content = body.encode()
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
        return head.encode() + content

    def hang(self, connection: socket.socket) -> None:
        """Say nothing until the client gives up."""
        connection.recv(1)

    def trickle(self, connection: socket.socket) -> None:
        """Send headers for ever, one byte at a time, each well within a read timeout."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.closing.wait(0.05):
            connection.sendall(b".")

    def serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream, suppress(OSError):
            while head := b"".join(takewhile(bytes.strip, iter(stream.readline, b""))):
                length = re.search(rb"content-length: (\d+)", head.lower())
                self.heads.append(head.decode())
                self.bodies.append(stream.read(int(length[1])) if length else b"")
                answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                if callable(answer):
                    return answer(connection)
                connection.sendall(answer)
                if b"Content-Length" not in answer:
                    return None
        return None

    def stop(self) -> None:
        """Stop listening, and end all conversations."""
        self.closing.set()
        for end in (self.listener, *self.connections):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def bad_stock() -> Iterator[BadStock]:
    """A stock that does what its script says."""
    listener = socket.create_server(("127.0.0.1", 0))
    bad = BadStock(f"http://127.0.0.1:{listener.getsockname()[1]}", listener)
    talks: list[threading.Thread] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                bad.connections.append(connection)
                talks.append(threading.Thread(target=bad.serve, args=(connection,)))
                talks[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    yield bad
    bad.stop()
    for thread in (accepting, *talks):
        thread.join(timeout=20)


@pytest.fixture
def bad_shop(bad_stock: BadStock, open_catalog: Callable[..., Shop]) -> Callable[[], Shop]:
    """Opens a catalog in front of `bad_stock`, with more time than a busy machine takes."""
    limits = {"REMOTE_CONNECT_TIMEOUT": 5, "REMOTE_READ_TIMEOUT": 5, "REMOTE_BUDGET": 20}
    return lambda: open_catalog(bad_stock.url, **limits)


@pytest.fixture
def impatient_shop(bad_stock: BadStock, open_catalog: Callable[..., Shop]) -> Callable[[], Shop]:
    """Opens a catalog in front of `bad_stock`, with hardly any time for a stock that is slow."""
    limits = {"REMOTE_READ_TIMEOUT": 0.3, "REMOTE_BUDGET": 0.6}
    return lambda: open_catalog(bad_stock.url, **limits)


@pytest.fixture
def connect_client(api: SimpleNamespace) -> Callable[..., Any]:
    """Makes the client of a version for the stock at a URL, with time limits."""
    module = import_module(f"catalog.v{api.VERSION}.stock_client")

    def connect(url: str, **limits: float) -> Any:
        calls = RemoteCalls(CollectorRegistry(), "stock", module.CALLS)
        settings = StockSettings(url, **limits)
        return module.StockClient(Transport(settings, "catalog/9.8.7", calls.measure))

    return connect


@pytest.fixture
def stock_client(bad_stock: BadStock, connect_client: Callable[..., Any]) -> Any:
    """The client of a version in front of `bad_stock`, with more time than it takes."""
    return connect_client(bad_stock.url, connect_timeout=5, read_timeout=5, budget=20)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls are repeated at once: hundreds of them would wait otherwise."""
    monkeypatch.setattr(transport, "LONGEST_FIRST_PAUSE", 0)


@pytest.fixture
def read_refusals(bad_stock: BadStock) -> Callable[..., dict[tuple[str, int], type[StockError]]]:
    """Collects the refusal that each status makes of each of the calls, which have names."""

    def read(calls: dict[str, Callable[[], object]]) -> dict[tuple[str, int], type[StockError]]:
        refusals = {}
        # A 100 is not the response yet.
        for status in range(101, 600):
            bad_stock.script = [bad_stock.http("", f"{status} So")]
            for name, call in calls.items():
                with pytest.raises(StockError) as error:
                    call()
                if not issubclass(error.type, StockUnavailable):
                    refusals[name, status] = error.type
        return refusals

    return read


def normalize_pact(text: str) -> str:
    """Return a pact in a fixed order and without the versions of the tools that wrote it."""
    document = json.loads(text)
    specification = document["metadata"]["pactSpecification"]
    document["metadata"] = {"pactSpecification": specification}
    document["interactions"].sort(key=lambda interaction: interaction["description"])
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@pytest.fixture(scope="module")
def interactions(api: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder for the interactions of a version; its pact is made of them in the end."""
    folder = tmp_path_factory.mktemp("interactions")
    yield folder
    (file,) = folder.iterdir()
    target = Path(os.environ.get("PACTS") or tmp_path_factory.mktemp("pacts"))
    (target / f"catalog-v{api.VERSION}--stock.json").write_text(normalize_pact(file.read_text()))


@pytest.fixture
def pact(interactions: Path) -> Iterator[Pact]:
    """The interactions that a test agrees on with stock."""
    pact = Pact("Catalog App", "Stock Service").with_specification("V4")
    yield pact
    pact.write_file(interactions)


@pytest.fixture
def stock(
    pact: Pact, connect_client: Callable[..., Any]
) -> Callable[[], AbstractContextManager[Any]]:
    """Opens the client of a version in front of a mock that keeps to the interactions."""

    @contextmanager
    def opened() -> Iterator[Any]:
        with pact.serve(addr="127.0.0.1") as mock:
            yield connect_client(str(mock.url).rstrip("/"))

    return opened
