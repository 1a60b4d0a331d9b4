"""Brings the database to the schema that this API version needs: `python -m stock.migrate`.

One transaction under one lock: of two that run at once the second waits and finds nothing to do,
and one that fails or is killed leaves the database as it was. A database that is ahead is left
alone: a patch of version 1 may be released after version 2 has expanded the schema.
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

from .database import Database, create_private_file, one_line
from .inventory_errors import Unavailable
from .readiness import is_behind, revision_of
from .settings import DatabaseSettings

HERE = Path(__file__).parent
PATIENCE = 30  # seconds for the lock, and for one statement
LOCK = 7_201_650_483_113  # names this project's advisory lock in PostgreSQL


def migrate(url: URL, needed: int, *, seed: Path = HERE / "seed.json") -> str:
    """Upgrade to revision `needed` and say in one line what was done.

    `seed` is a JSON array of `{"name", "price", "quantity"}`, used only when the table is new.
    """
    create_private_file(url)
    database = Database(url, patience=PATIENCE)
    try:
        _allow_reading_beside_writing(database)
        with database.writing() as connection:
            _wait_for_others(connection)
            before = revision_of(connection)
            if not is_behind(before, needed):
                return f"the schema is at revision {before}, {needed} is needed: nothing to do"
            _do_not_hold_up_readers(connection)
            _upgrade(connection, needed, seed)
            return f"the schema went from revision {before or 'none'} to {needed}"
    finally:
        database.engine.dispose()


def _upgrade(connection: Connection, needed: int, seed: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, seed=seed)
    command.upgrade(config, str(needed))


def _wait_for_others(connection: Connection) -> None:
    # On SQLite the transaction is the lock, as every transaction that writes.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _do_not_hold_up_readers(connection: Connection) -> None:
    # Requests queue behind an ALTER that waits for its lock: better to fail and be started again.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '2s'"))


def _allow_reading_beside_writing(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        return
    deadline = time.monotonic() + PATIENCE
    with database.engine.raw_connection() as connection:
        while True:
            try:
                # Kept in the file. Refused at once, without patience, while others use it.
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Exit code: 0 done or nothing to do, 1 the database failed, 2 the settings are wrong."""
    try:
        check_image(Environment(environ))
        settings = DatabaseSettings.from_environment(environ)
    except SettingsError as error:
        print(f"stock.migrate: {error}", file=sys.stderr)
        return 2
    try:
        print(f"stock.migrate: {migrate(settings.url, settings.api_version)}")
    except CommandError as error:
        print(f"stock.migrate: this image cannot do it: {one_line(error)}", file=sys.stderr)
        return 1
    except (SQLAlchemyError, sqlite3.Error, OSError, Unavailable) as error:
        print(f"stock.migrate: the database failed: {one_line(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
