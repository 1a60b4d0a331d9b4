"""Upgrades the database to the schema that this API version needs: `python -m stock.migrate`.

It is one transaction under one lock. Of two at once, the second waits and finds nothing to do. One
that fails or is killed leaves the database unchanged. A database that is ahead stays unchanged: a
patch of version 1 may be released after version 2 has expanded the schema.
"""

import os
import sqlite3
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from instrumentation import Environment, SettingsError
from instrumentation.image_check import check_image

from .database import Database, create_private_file, describe_error, parse_database_url
from .inventory_errors import InventoryUnavailable
from .schema_revision import is_behind, read_revision

HERE = Path(__file__).parent
TIMEOUT = 30  # seconds for the lock, and for one statement
LOCK = 7_201_650_483_113  # the number of this project's advisory lock in PostgreSQL


def migrate(url: URL, needed: int, *, seed: Path = HERE / "seed.json") -> str:
    """Upgrade to revision `needed` and return one line about the result.

    `seed` is a JSON array of `{"name", "price", "quantity"}`, used only when the table is new.
    """
    create_private_file(url)
    database = Database(url, timeout=TIMEOUT)
    try:
        _enable_wal(database)
        # Looked at without the lock first: a redeploy must not hold up those who sell.
        with database.reading() as connection:
            before = read_revision(connection)
        if not is_behind(before, needed):
            return _nothing_to_do(before, needed)
        with database.writing() as connection:
            _acquire_lock(connection)
            before = read_revision(connection)
            if not is_behind(before, needed):
                return _nothing_to_do(before, needed)
            _limit_lock_wait(connection)
            _upgrade(connection, needed, seed)
            return f"the schema went from revision {before or 'none'} to {needed}"
    finally:
        database.engine.dispose()


def _nothing_to_do(revision: str | None, needed: int) -> str:
    return f"the schema is at revision {revision}, {needed} is needed: nothing to do"


def _upgrade(connection: Connection, needed: int, seed: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, seed=seed)
    command.upgrade(config, str(needed))


def _acquire_lock(connection: Connection) -> None:
    # On SQLite every transaction that writes is the lock.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _limit_lock_wait(connection: Connection) -> None:
    # Requests queue behind an ALTER that waits for its lock: failing and starting again is better.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '2s'"))


def _enable_wal(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        return
    deadline = time.monotonic() + TIMEOUT
    with database.engine.raw_connection() as connection:
        while True:
            try:
                # The file keeps this mode, in which reads continue beside a write. SQLite refuses
                # it at once, without a timeout, while others use the file.
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Return 0 for done or nothing to do, 1 for a failed database, 2 for wrong settings."""
    try:
        read = Environment(environ)
        check_image(read)
        needed = read.integer("API_VERSION", lowest=1, highest=99)
        url = parse_database_url(read.text("DATABASE_URL", pattern=".*"))
    except SettingsError as error:
        print(f"stock.migrate: {error}", file=sys.stderr)
        return 2
    try:
        print(f"stock.migrate: {migrate(url, needed)}")
    except CommandError as error:
        failure = f"this image lacks a migration: {describe_error(error)}"
    except (SQLAlchemyError, sqlite3.Error, OSError, InventoryUnavailable) as error:
        failure = f"the database failed: {describe_error(error)}"
    else:
        return 0
    print(f"stock.migrate: {failure}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
