"""Real databases of both engines, and real gunicorn processes of every version on them."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, text

from stock.database import Database, parse_database_url
from stock.migrate import migrate

ROOT = Path(__file__).parents[3]
PACKAGES = (ROOT / "packages" / "instrumentation", ROOT / "services" / "stock")
SHIRTS = (
    {"name": "surfer-t-shirt", "price": 20, "quantity": 10},
    {"name": "formal-t-shirt", "price": 35.5, "quantity": 2},
    {"name": "plain-t-shirt", "price": 9.99, "quantity": 0},
)
ENGINES = ("sqlite", "postgresql")
numbers = count(1)


@dataclass(frozen=True)
class Store:
    """One database, as its administrator sees it."""

    url: str
    seed: Path

    def migrate(self, version: int) -> str:
        return migrate(parse_database_url(self.url), version, seed=self.seed)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        database = Database(parse_database_url(self.url), timeout=20)
        try:
            with database.writing() as connection:
                yield connection
        finally:
            database.engine.dispose()

    def sql(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        with self.transaction() as connection:
            result = connection.execute(text(statement), values)
            return [dict(row._mapping) for row in result] if result.returns_rows else []

    def fill(self, shirts: Sequence[dict[str, Any]] = SHIRTS) -> None:
        """Make these the whole inventory, the way version 1 would write it."""
        insert = "INSERT INTO t_shirts (name, price, quantity) VALUES (:name, :price, :quantity)"
        with self.transaction() as connection:
            connection.execute(text("DELETE FROM t_shirts"))
            if shirts:
                connection.execute(text(insert), list(shirts))

    def left(self, name: str) -> int:
        rows = self.sql("SELECT quantity FROM t_shirts WHERE name = :name", name=name)
        return int(rows[0]["quantity"])


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "")

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Service:
    """A running gunicorn process, as a client sees it."""

    api: SimpleNamespace
    port: int
    store: Store
    process: subprocess.Popen[bytes]
    log: Path

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """`body` is sent as it is when it is bytes, as JSON when it is anything else."""
        sent = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.putrequest(method, path)
            if body is not None and "Content-Length" not in sent:
                sent["Content-Length"] = str(len(body))
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, headers, answer.read())


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server, as its administrator sees it."""

    psql: Callable[[str], str]
    url_of: Callable[[str], str]

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"stock_{next(numbers)}"
        self.psql(f"CREATE DATABASE {name}")
        return self.url_of(name)


@contextlib.contextmanager
def sole_start() -> Iterator[None]:
    """No other test of this user, here or in tests/, starts a PostgreSQL while the block runs: for
    root the first start adds a user to the system, and two at once are one too many.
    """
    path = Path(tempfile.gettempdir()) / f"parallel-releases-postgresql-{os.getuid()}.lock"
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Outside pytest's own folder: the server may run as another user, and its socket's path is
    # limited to 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="stock-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        import pgserver
        from pgserver import postgres_server

        # Its own limit of ten seconds is short for a machine that is busy with other tests.
        pg_ctl = postgres_server.pg_ctl
        patch.setattr(
            postgres_server,
            "pg_ctl",
            lambda *args, **options: pg_ctl(*args, **options | {"timeout": 60}),
        )
        with sole_start():
            server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    # Nothing here has to survive a power cut, and dozens of databases are made.
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("SELECT pg_reload_conf()")
    yield Postgres(server.psql, server.get_uri)
    server.cleanup()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def new_store(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], Store]:
    """Makes an empty database of that engine."""

    def new(engine: str) -> Store:
        folder = tmp_path_factory.mktemp("store")
        seed = folder / "seed.json"
        seed.write_text(json.dumps(SHIRTS))
        if engine == "sqlite":
            return Store(f"sqlite:///{folder}/stock.db", seed)
        return Store(request.getfixturevalue("postgres").new_database(), seed)

    return new


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, new_store: Callable[[str], Store]) -> Store:
    """An empty database of its own for this test."""
    return new_store(request.param)


def environment(store: Store, version: int) -> dict[str, str]:
    """The environment of a process of that version on that database, and nothing else."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, PACKAGES)),
        "PYTHONWARNINGS": "default",
        "API_VERSION": str(version),
        "SERVICE_VERSION": f"{version}.0.0",
        "DATABASE_URL": store.url,
        "HTTP_PORT": "0",
        "METRICS_PORT": "0",
    }


@pytest.fixture
def environment_of() -> Callable[[Store, int], dict[str, str]]:
    return environment


Start = Callable[[Store, SimpleNamespace], Service]


@contextlib.contextmanager
def services(folder: Path) -> Iterator[Start]:
    """Starts services of that version on that database; all of them are stopped in the end."""
    running: list[subprocess.Popen[bytes]] = []

    def start(store: Store, api: SimpleNamespace) -> Service:
        log = folder / f"gunicorn-{next(numbers)}.log"
        command = [sys.executable, "-m", "gunicorn", "--config"]
        command += ["python:instrumentation.gunicorn_conf", "stock.app:create_app()"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, env=environment(store, api.VERSION), stdout=output, stderr=output
            )
        running.append(process)
        return Service(api, port_of(process, log), store, process, log)

    try:
        yield start
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with services(tmp_path) as start:
        yield start


def port_of(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        text = log.read_text()
        if "Booting worker" in text:
            return int(text.split("Listening at: http://127.0.0.1:")[1].split()[0])
        time.sleep(0.02)
    raise AssertionError(f"gunicorn did not start:\n{log.read_text()}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of one version runs on its schema and on every later one, others on the newest."""
    if "schema" in metafunc.fixturenames:
        newest = max(int(path.name[1:]) for path in Path(__file__).parent.glob("v[0-9]*"))
        own = re.search(r"/tests/v(\d+)/", str(metafunc.definition.path))
        schemas = range(int(own[1]) if own else newest, newest + 1)
        metafunc.parametrize("schema", schemas, ids=lambda schema: f"schema{schema}")


@pytest.fixture(scope="session")
def open_services(
    tmp_path_factory: pytest.TempPathFactory, new_store: Callable[[str], Store]
) -> Iterator[Callable[[str, int, SimpleNamespace], Service]]:
    """Gives the one service of an engine, schema and version, with a full store."""
    running: dict[tuple[str, int, int], Service] = {}
    with services(tmp_path_factory.mktemp("shared")) as start:

        def service_of(engine: str, schema: int, api: SimpleNamespace) -> Service:
            key = (engine, schema, api.VERSION)
            if key not in running:
                store = new_store(engine)
                for revision in range(1, schema + 1):
                    store.migrate(revision)
                running[key] = start(store, api)
            running[key].store.fill()
            return running[key]

        yield service_of


@pytest.fixture(params=ENGINES)
def service(
    request: pytest.FixtureRequest,
    api: SimpleNamespace,
    schema: int,
    open_services: Callable[[str, int, SimpleNamespace], Service],
) -> Service:
    """A service of a version, on each engine."""
    return open_services(request.param, schema, api)
