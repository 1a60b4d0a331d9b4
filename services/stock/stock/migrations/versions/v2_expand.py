"""Expand: add the columns of version 2 beside those of version 1.

Images of both versions write while they run together, and neither knows the other's columns. So
triggers in the database keep both sets of columns in step (the .sql files).
"""

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision: str | None = "1"

NEW_COLUMNS = (
    ("sku", sa.String(200)),
    ("title", sa.String(200)),
    ("price_minor", sa.BigInteger()),
    ("currency", sa.String(3)),
)
# The columns of version 2 for the rows of version 1.
BACK_FILL = """
UPDATE t_shirts SET
    sku = name,
    title = upper(substr(name, 1, 1))
        || substr(replace(replace(name, '-', ' '), 't shirt', 't-shirt'), 2),
    price_minor = CAST(round(price * 100) AS BIGINT),
    currency = 'EUR'
"""


def upgrade() -> None:
    for name, kind in NEW_COLUMNS:
        op.add_column("t_shirts", sa.Column(name, kind, nullable=True))
    op.execute(BACK_FILL)
    # A writer fills the columns of one version; the trigger fills the others. PostgreSQL's runs
    # before the row is checked, SQLite's only after it, so there the columns have to admit NULL.
    filled_later = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("t_shirts", table_kwargs={"sqlite_autoincrement": True}) as table:
        if filled_later:
            table.alter_column("name", existing_type=sa.String(200), nullable=True)
            table.alter_column("price", existing_type=sa.Numeric(10, 2), nullable=True)
        else:
            for name, kind in NEW_COLUMNS:
                table.alter_column(name, existing_type=kind, nullable=False)
        table.create_unique_constraint("t_shirts_sku_is_unique", ["sku"])
        table.create_check_constraint("t_shirts_price_minor_is_not_negative", "price_minor >= 0")
        # Version 1 knows euros only: no other currency while it may be live.
        table.create_check_constraint("t_shirts_are_sold_in_euros", "currency = 'EUR'")
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
    )
    for statement in _statements(f"v2_keep_in_step_{op.get_bind().dialect.name}.sql"):
        # SQLAlchemy would find parameters in the text of the triggers.
        op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statement)


def _statements(file: str) -> Iterator[str]:
    # Blank lines separate statements: the body of a trigger has semicolons of its own.
    for part in Path(__file__).with_name(file).read_text(encoding="utf-8").split("\n\n"):
        if not all(line.startswith("--") or not line.strip() for line in part.splitlines()):
            yield part
