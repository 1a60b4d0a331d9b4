"""T-shirts in the terms of version 1."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Numeric, Row, String, Table

from ..database import Database
from ..inventory import Inventory

T_SHIRTS = Table(
    "t_shirts",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String),
    Column("price", Numeric(10, 2, asdecimal=False)),
    Column("quantity", Integer),
)


@dataclass(frozen=True)
class TShirt:
    """`price` is in EUR, a whole number if it has no cents."""

    id: int
    name: str
    price: float
    quantity: int


def open_inventory(database: Database) -> Inventory[TShirt]:
    """Return the inventory in the terms of version 1, which needs schema revision 1 only."""
    return Inventory(database, T_SHIRTS, T_SHIRTS.c.name, _t_shirt)


def _t_shirt(row: Row[Any]) -> TShirt:
    price = round(row.price, 2)
    whole = int(price) if price == int(price) else price
    return TShirt(id=row.id, name=row.name, price=whole, quantity=row.quantity)
