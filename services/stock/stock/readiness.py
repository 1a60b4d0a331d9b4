"""Whether a process can serve: the database answers and its schema is at least what is needed."""

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from .database import Database, one_line
from .inventory_errors import Unavailable

REVISION = Table("alembic_version", MetaData(), Column("version_num", String))


def revision_of(connection: Connection) -> str | None:
    """The schema revision of the database; None when nothing was ever migrated."""
    if not inspect(connection).has_table(REVISION.name):
        return None
    return connection.execute(select(REVISION)).scalar()


def is_behind(revision: str | None, needed: int) -> bool:
    """Whether that revision lacks something that API version `needed` uses.

    An image cannot know the revisions of later versions: what it does not know is ahead of it.
    """
    return revision is None or revision in {str(earlier) for earlier in range(1, needed)}


def why_not_ready(database: Database, needed: int) -> str | None:
    """None when ready; else the reason, for the people who run the service."""
    try:
        with database.reading() as connection:
            revision = revision_of(connection)
    except Unavailable as error:
        return f"the database is not available: {one_line(error)}"
    if is_behind(revision, needed):
        return f"the schema is at revision {revision or 'none'}, {needed} is needed"
    return None
