"""Connections to the database: bounded in number and in patience, on both engines."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from .inventory_errors import Unavailable

PATIENCE = 2  # seconds for a free connection, a new connection, a lock, a statement: each


class Database:
    """The database of one process: `reading()` and `writing()` give a transaction each.

    Both raise Unavailable, within a few seconds, when the database is away or too busy.
    """

    def __init__(self, url: URL, *, patience: int = PATIENCE) -> None:
        self.engine = open_engine(url, patience)
        # Two SQLite transactions that read first and write later cannot both go on; one that
        # says at once that it will write waits for its turn.
        self._writer = self.engine.execution_options(begin="BEGIN IMMEDIATE")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with _bounded(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write: all of it is kept, or nothing after an exception."""
        with _bounded(), self._writer.begin() as connection:
            yield connection


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, TimeoutError) as error:
        raise Unavailable from error


def one_line(error: BaseException) -> str:
    """What the database itself said, without SQL, parameters or line ends; not for clients."""
    cause = error.__cause__ if isinstance(error, Unavailable) and error.__cause__ else error
    return " ".join(str(getattr(cause, "orig", None) or cause).split())


def open_engine(url: URL, patience: int) -> Engine:
    """An engine with a small pool. A missing SQLite file is an error, it is never created."""
    arguments: dict[str, Any] = {
        # Enough for eight threads and a probe beside them; few enough for many replicas.
        "pool_size": 5,
        "max_overflow": 4,
        "pool_timeout": patience,
        "pool_pre_ping": True,
    }
    if url.get_backend_name() == "sqlite":
        engine = create_engine(_existing_file(url), connect_args={"uri": True}, **arguments)
        _prepare_sqlite(engine, patience)
        return engine
    session = {
        "application_name": "stock",
        "connect_timeout": max(2, patience),
        # A network that swallows packets must not hold a thread for minutes.
        "tcp_user_timeout": patience * 1000,
        "keepalives_idle": patience,
        "options": f"-c statement_timeout={patience}s"
        f" -c idle_in_transaction_session_timeout={2 * patience}s",
        # Statements are not prepared: a migration may alter the table beneath them at any time.
        "prepare_threshold": None,
    }
    own = {name: value for name, value in session.items() if name not in url.query}
    return create_engine(url, connect_args=own, **arguments)


def _existing_file(url: URL) -> URL:
    assert url.database is not None  # noqa: S101 (settings refuse a URL without a file)
    return url.set(database=Path(url.database).as_uri(), query={"mode": "rw", "uri": "true"})


def _prepare_sqlite(engine: Engine, patience: int) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        # The driver's own idea of when a transaction begins would leave DDL outside of it.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {patience * 1000}")
        # Whoever waits for the disk holds everybody up, and the lock knows no queue. A killed
        # process loses nothing all the same; a power cut may undo the last sales.
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def create_private_file(url: URL) -> None:
    """Make sure that a SQLite file exists and that only its owner can read it."""
    if url.get_backend_name() == "sqlite" and url.database:
        os.close(os.open(url.database, os.O_CREAT | os.O_RDWR, 0o600))
        # SQLite gives its -wal and -shm files the mode of the database itself.
        os.chmod(url.database, 0o600)
