"""Settings of stock, beyond those of every service."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from instrumentation import Environment, SettingsError

DATABASE_FORMS = "sqlite:////absolute/file.db or postgresql://user:password@host/name"


@dataclass(frozen=True)
class DatabaseSettings:
    """The database, and the schema revision that this version of the API needs."""

    api_version: int
    url: URL

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "DatabaseSettings":
        """Read API_VERSION and DATABASE_URL; raise SettingsError with one line."""
        read = Environment(environ)
        version = read.integer("API_VERSION", lowest=1, highest=99)
        return cls(version, parse_database_url(read.text("DATABASE_URL", pattern=r".*")))


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
