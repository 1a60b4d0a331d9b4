"""One inventory for every version: what both do to it, whatever they call its columns."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Connection, Row, Table, select, update

from .database import Database
from .inventory_errors import NotEnough, UnknownTShirt

Item = TypeVar("Item")

LARGEST_PURCHASE = 1_000_000
# No database can hold these, and PostgreSQL's driver fails on them.
IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Sale:
    """What one purchase did: the t-shirt's id and how many are left."""

    id: int
    remaining: int


class Inventory(Generic[Item]):
    """The t-shirts, as one version of the API sees them.

    `key` is the column of `table` by which that version names a t-shirt, and `item` makes its
    view of one row.
    """

    def __init__(
        self,
        database: Database,
        table: Table,
        key: Column[str],
        item: Callable[[Row[Any]], Item],
    ) -> None:
        self.database = database
        self._table = table
        self._key = key
        self._item = item

    def all(self) -> list[Item]:
        """Every t-shirt, in insertion order."""
        with self.database.reading() as connection:
            rows = connection.execute(select(self._table).order_by(self._table.c.id))
            return [self._item(row) for row in rows]

    def after(self, id: int, limit: int) -> tuple[list[Item], int | None]:
        """At most `limit` t-shirts that follow `id`, and the id to go on after, if any follow."""
        query = select(self._table).where(self._table.c.id > id)
        query = query.order_by(self._table.c.id).limit(limit + 1)
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        page: Sequence[Row[Any]] = rows[:limit]
        return [self._item(row) for row in page], page[-1].id if len(rows) > limit else None

    def one(self, name: str) -> Item:
        """The t-shirt of that name, or UnknownTShirt."""
        _require_possible(name)
        with self.database.reading() as connection:
            row = connection.execute(select(self._table).where(self._key == name)).first()
        if row is None:
            raise UnknownTShirt
        return self._item(row)

    def sell(self, name: str, quantity: int) -> Sale:
        """Sell in a transaction of its own; raise UnknownTShirt or NotEnough and sell nothing."""
        _require_possible(name)
        with self.database.writing() as connection:
            return self.sell_within(connection, name, quantity)

    def sell_within(self, connection: Connection, name: str, quantity: int) -> Sale:
        """Sell as a part of the caller's transaction."""
        _require_possible(name)
        table = self._table
        # One conditional statement: reading first and writing later oversells on PostgreSQL.
        sold = connection.execute(
            update(table)
            .where(self._key == name, table.c.quantity >= quantity)
            .values(quantity=table.c.quantity - quantity)
            .returning(table.c.id, table.c.quantity)
        ).first()
        if sold is not None:
            return Sale(id=sold.id, remaining=sold.quantity)
        if connection.execute(select(table.c.id).where(self._key == name)).first() is None:
            raise UnknownTShirt
        raise NotEnough


def _require_possible(name: str) -> None:
    if IMPOSSIBLE.search(name):
        raise UnknownTShirt
