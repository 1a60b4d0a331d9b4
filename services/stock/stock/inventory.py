"""One inventory for every version, whatever a version calls its columns."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Connection, Row, Table, select, update

from .database import Database
from .inventory_errors import InsufficientStock, UnknownTShirt

Item = TypeVar("Item")

LARGEST_PURCHASE = 1_000_000
# No database can store these, and PostgreSQL's driver fails on them.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Sale:
    """A completed purchase: the id of the t-shirt, and the number that is left."""

    id: int
    remaining: int


class Inventory(Generic[Item]):
    """The t-shirts in the terms of one version of the API.

    `key` is the column of `table` by which that version names a t-shirt. `make_item` makes its
    t-shirt of one row.
    """

    def __init__(
        self,
        database: Database,
        table: Table,
        key: Column[str],
        make_item: Callable[[Row[Any]], Item],
    ) -> None:
        self.database = database
        self._table = table
        self._key = key
        self._make_item = make_item

    def list_all(self) -> list[Item]:
        """Return every t-shirt, in insertion order."""
        with self.database.reading() as connection:
            rows = connection.execute(select(self._table).order_by(self._table.c.id))
            return [self._make_item(row) for row in rows]

    def list_after(self, id: int, limit: int) -> tuple[list[Item], int | None]:
        """Return at most `limit` t-shirts after `id`, and the last id if more follow."""
        query = select(self._table).where(self._table.c.id > id)
        query = query.order_by(self._table.c.id).limit(limit + 1)
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        page: Sequence[Row[Any]] = rows[:limit]
        return [self._make_item(row) for row in page], page[-1].id if len(rows) > limit else None

    def find(self, name: str) -> Item:
        """Return the t-shirt of that name; raise UnknownTShirt if there is none."""
        _require_storable(name)
        with self.database.reading() as connection:
            row = connection.execute(select(self._table).where(self._key == name)).first()
        if row is None:
            raise UnknownTShirt
        return self._make_item(row)

    def sell(self, name: str, quantity: int) -> Sale:
        """Sell in a transaction of its own; raise UnknownTShirt or InsufficientStock."""
        _require_storable(name)
        with self.database.writing() as connection:
            return self.sell_within(connection, name, quantity)

    def sell_within(self, connection: Connection, name: str, quantity: int) -> Sale:
        """Sell as a part of the caller's transaction; raise as `sell` does."""
        _require_storable(name)
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
        raise InsufficientStock


def _require_storable(name: str) -> None:
    if UNSTORABLE.search(name):
        raise UnknownTShirt
