"""Connections to the database, on both engines: bounded in number and in time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, TimeoutError

from instrumentation import SettingsError

from .inventory_errors import InventoryUnavailable

DATABASE_FORMS = "sqlite:////absolute/file.db or postgresql://user:password@host/name"
TIMEOUT = 2  # seconds, each for a free connection, a new connection, a lock and a statement


class Database:
    """The database of one process: `reading()` and `writing()` open a transaction.

    Both raise InventoryUnavailable, within seconds, if the database is away or too busy.
    """

    def __init__(self, url: URL, *, timeout: int = TIMEOUT) -> None:
        self.engine = open_engine(url, timeout)
        # Of two SQLite transactions that read first and write later, one fails. One that
        # announces at its beginning that it will write waits for its turn.
        self._writer = self.engine.execution_options(begin="BEGIN IMMEDIATE")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads."""
        with _bounded(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that may write; an exception rolls all of it back."""
        with _bounded(), self._writer.begin() as connection:
            yield connection


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, TimeoutError) as error:
        raise InventoryUnavailable from error


def describe_error(error: BaseException) -> str:
    """Return the database's message in one line, without SQL or parameters; not for clients."""
    cause = (
        error.__cause__ if isinstance(error, InventoryUnavailable) and error.__cause__ else error
    )
    return " ".join(str(getattr(cause, "orig", None) or cause).split())


def parse_database_url(text: str) -> URL:
    """Return the URL of a supported database; plain `postgresql://` means the psycopg driver."""
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        # The message does not repeat the value, which may hold a password.
        raise SettingsError(f"DATABASE_URL is not a URL; expected {DATABASE_FORMS}") from None
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise SettingsError(f"DATABASE_URL is for {backend!r}; expected {DATABASE_FORMS}")
    # Each process would have another database in memory.
    if not url.database or not Path(url.database).is_absolute() or url.query:
        raise SettingsError("DATABASE_URL must name an absolute file: sqlite:////absolute/file.db")
    return url


def open_engine(url: URL, timeout: int) -> Engine:
    """Return an engine with a small pool. It never creates a missing SQLite file."""
    arguments: dict[str, Any] = {
        # Enough for eight threads and a probe; few enough for many replicas.
        "pool_size": 5,
        "max_overflow": 4,
        "pool_timeout": timeout,
        "pool_pre_ping": True,
    }
    if url.get_backend_name() == "sqlite":
        engine = create_engine(_existing_file(url), connect_args={"uri": True}, **arguments)
        _prepare_sqlite(engine, timeout)
        return engine
    session = {
        "application_name": "stock",
        "connect_timeout": max(2, timeout),
        # A network that drops packets must not hold a thread for minutes.
        "tcp_user_timeout": timeout * 1000,
        "keepalives_idle": timeout,
        "options": f"-c statement_timeout={timeout}s"
        f" -c idle_in_transaction_session_timeout={2 * timeout}s",
        # Statements are not prepared: a migration may alter the table beneath them at any time.
        "prepare_threshold": None,
    }
    defaults = {name: value for name, value in session.items() if name not in url.query}
    return create_engine(url, connect_args=defaults, **arguments)


def _existing_file(url: URL) -> URL:
    assert url.database is not None  # noqa: S101 (settings refuse a URL without a file)
    return url.set(database=Path(url.database).as_uri(), query={"mode": "rw", "uri": "true"})


def _prepare_sqlite(engine: Engine, timeout: int) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        # The driver would begin a transaction only after DDL.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {timeout * 1000}")
        # A writer that waits for the disk blocks all others, and the lock has no queue. A killed
        # process still loses nothing; a power cut may undo the last sales.
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def create_private_file(url: URL) -> None:
    """Create a SQLite file unless it exists; only its owner can read it afterwards."""
    if url.get_backend_name() == "sqlite" and url.database:
        os.close(os.open(url.database, os.O_CREAT | os.O_RDWR, 0o600))
        # SQLite gives its -wal and -shm files the mode of the database itself.
        os.chmod(url.database, 0o600)
