"""Version 1's table, filled with the seed."""

import json

import sqlalchemy as sa
from alembic import context, op

revision = "1"
down_revision: str | None = None


def upgrade() -> None:
    t_shirts = op.create_table(
        "t_shirts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("price", sa.Numeric(10, 2, asdecimal=False), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.UniqueConstraint("name", name="t_shirts_name_is_unique"),
        sa.CheckConstraint("price >= 0", name="t_shirts_price_is_not_negative"),
        sa.CheckConstraint("quantity >= 0", name="t_shirts_is_never_oversold"),
        # Ids of deleted rows are not used again: clients page by them.
        sqlite_autoincrement=True,
    )
    seed = context.config.attributes["seed"]
    op.bulk_insert(t_shirts, json.loads(seed.read_text(encoding="utf-8")))
