"""The schema revision of the database, compared with the one that a version of the API needs."""

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from .database import Database, describe_error
from .inventory_errors import InventoryUnavailable

REVISION = Table("alembic_version", MetaData(), Column("version_num", String))


def read_revision(connection: Connection) -> str | None:
    """Return the schema revision of the database; None if it was never migrated."""
    if not inspect(connection).has_table(REVISION.name):
        return None
    return connection.execute(select(REVISION)).scalar()


def is_behind(revision: str | None, needed: int) -> bool:
    """Return True if that revision lacks something that API version `needed` uses.

    An image does not know the revisions of later versions: an unknown one is ahead of it.
    """
    return revision is None or revision in {str(earlier) for earlier in range(1, needed)}


def not_ready_reason(database: Database, needed: int) -> str | None:
    """Return the reason why a process cannot serve, for its operators; None if it can."""
    try:
        with database.reading() as connection:
            revision = read_revision(connection)
    except InventoryUnavailable as error:
        return f"the database is not available: {describe_error(error)}"
    if is_behind(revision, needed):
        return f"the schema is at revision {revision or 'none'}, {needed} is needed"
    return None
