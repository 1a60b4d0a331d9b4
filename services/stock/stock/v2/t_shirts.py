"""T-shirts in the terms of version 2."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Row, String, Table

from ..database import Database
from ..inventory import Inventory

T_SHIRTS = Table(
    "t_shirts",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sku", String),
    Column("title", String),
    Column("price_minor", BigInteger),
    Column("currency", String),
    Column("quantity", Integer),
)


@dataclass(frozen=True)
class Price:
    """`amount` in the minor unit of `currency`, an ISO 4217 code: 2000 EUR is twenty euros."""

    amount: int
    currency: str


@dataclass(frozen=True)
class TShirt:
    """`available` is the number that is left."""

    sku: str
    title: str
    price: Price
    available: int


def open_inventory(database: Database) -> Inventory[TShirt]:
    """Return the inventory in the terms of version 2, which needs schema revision 2."""
    return Inventory(database, T_SHIRTS, T_SHIRTS.c.sku, _t_shirt)


def _t_shirt(row: Row[Any]) -> TShirt:
    price = Price(amount=row.price_minor, currency=row.currency)
    return TShirt(sku=row.sku, title=row.title, price=price, available=row.quantity)
