"""Client of stock v1: names, prices as numbers of euros, purchases that must not be repeated."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..decoding import (
    Refusals,
    decode_array,
    decode_decimal,
    decode_integer,
    decode_object,
    decode_text,
    expect_json,
)
from ..stock_errors import NoSuchTShirt, NotEnough, RequestRejected
from ..transport import Transport
from ..url_segment import encode_segment

CALLS = ("list", "find", "purchase")
FIND: Refusals = {404: NoSuchTShirt}
PURCHASE: Refusals = {
    400: RequestRejected,
    404: NoSuchTShirt,
    409: NotEnough,
    413: RequestRejected,
    422: RequestRejected,
}


@dataclass(frozen=True, slots=True)
class StockItem:
    """A t-shirt as stock v1 describes it; the price is in euros."""

    name: str
    price: Decimal
    quantity: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """A completed purchase."""

    name: str
    quantity: int
    remaining: int


class StockClient:
    """A client of stock v1. Its methods raise StockError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[StockItem]:
        """Return all t-shirts, in stock's order."""
        response = self._transport.get("list", "/t-shirt")
        return [_decode_item(item) for item in decode_array(expect_json(response, 200, {}))]

    def find(self, name: str) -> StockItem:
        """Return the t-shirt of that name; raise NoSuchTShirt if there is none."""
        response = self._transport.get("find", _path_of(name))
        return _decode_item(expect_json(response, 200, FIND))

    def purchase(self, name: str, quantity: int) -> Purchase:
        """Buy; raise NotEnough if fewer are left. It is never repeated: that would sell again."""
        path = f"{_path_of(name)}/purchase"
        response = self._transport.post("purchase", path, {"quantity": quantity})
        fields = decode_object(expect_json(response, 201, PURCHASE))
        return Purchase(
            name=decode_text(fields, "name"),
            quantity=decode_integer(fields, "quantity"),
            remaining=decode_integer(fields, "remaining"),
        )


def _path_of(name: str) -> str:
    encoded = encode_segment(name)
    if encoded is None:
        raise NoSuchTShirt(name)
    return f"/t-shirt/{encoded}"


def _decode_item(item: Any) -> StockItem:
    fields = decode_object(item)
    return StockItem(
        name=decode_text(fields, "name"),
        price=decode_decimal(fields, "price"),
        quantity=decode_integer(fields, "quantity"),
    )
