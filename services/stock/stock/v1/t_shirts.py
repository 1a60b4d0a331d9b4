"""A t-shirt as version 1 sees it."""

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
    """`price` is in EUR, a whole number where it has no cents."""

    id: int
    name: str
    price: float
    quantity: int


def open_inventory(database: Database) -> Inventory[TShirt]:
    """The inventory in version 1's terms; it needs schema revision 1 and nothing of later ones."""
    return Inventory(database, T_SHIRTS, T_SHIRTS.c.name, _t_shirt)


def _t_shirt(row: Row[Any]) -> TShirt:
    price = round(row.price, 2)
    whole = int(price) if price == int(price) else price
    return TShirt(id=row.id, name=row.name, price=whole, quantity=row.quantity)
