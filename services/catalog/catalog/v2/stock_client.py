"""Client of stock v2: SKUs, prices in minor units, pages, purchases under an idempotency key."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..decoding import (
    Refusals,
    decode_array,
    decode_currency,
    decode_integer,
    decode_object,
    decode_text,
    expect_json,
)
from ..stock_errors import KeyReused, NoSuchTShirt, NotEnough, RequestRejected
from ..transport import Transport
from ..url_segment import encode_segment

CALLS = ("list", "find", "purchase")
LIST_AFTER: Refusals = {400: RequestRejected}
FIND: Refusals = {404: NoSuchTShirt}
PURCHASE: Refusals = {
    400: RequestRejected,
    404: NoSuchTShirt,
    409: NotEnough,
    413: RequestRejected,
    422: KeyReused,
}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's minor unit (cents), and the currency's ISO 4217 code."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class StockItem:
    """A t-shirt as stock v2 describes it."""

    sku: str
    title: str
    price: Money
    available: int


@dataclass(frozen=True, slots=True)
class StockPage:
    """Some t-shirts, and the token of the page after them, None at the end."""

    items: tuple[StockItem, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A completed purchase."""

    sku: str
    quantity: int
    remaining: int


class StockClient:
    """A client of stock v2. Its methods raise StockError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, limit: int = 50, after: str | None = None) -> StockPage:
        """Return a page, in stock's order; raise RequestRejected if the token is not stock's."""
        path = f"/t-shirts?limit={limit}"
        if after is not None:
            path += f"&after={quote(after, safe='')}"
        response = self._transport.get("list", path)
        listing = decode_object(expect_json(response, 200, {} if after is None else LIST_AFTER))
        return StockPage(
            items=tuple(_decode_item(item) for item in decode_array(listing.get("items"))),
            next=None if listing.get("next") is None else decode_text(listing, "next", 1000),
        )

    def find(self, sku: str) -> StockItem:
        """Return the t-shirt of that SKU; raise NoSuchTShirt if there is none."""
        response = self._transport.get("find", _path_of(sku))
        return _decode_item(expect_json(response, 200, FIND))

    def purchase(self, sku: str, quantity: int, key: str) -> Purchase:
        """Buy, only once per key; raise NotEnough if fewer are left."""
        path = f"{_path_of(sku)}/purchases"
        response = self._transport.post("purchase", path, {"quantity": quantity}, key)
        fields = decode_object(expect_json(response, 201, PURCHASE))
        return Purchase(
            sku=decode_text(fields, "sku"),
            quantity=decode_integer(fields, "quantity"),
            remaining=decode_integer(fields, "remaining"),
        )


def _path_of(sku: str) -> str:
    encoded = encode_segment(sku)
    if encoded is None:
        raise NoSuchTShirt(sku)
    return f"/t-shirts/{encoded}"


def _decode_item(item: Any) -> StockItem:
    fields = decode_object(item)
    price = decode_object(fields.get("price"))
    return StockItem(
        sku=decode_text(fields, "sku"),
        title=decode_text(fields, "title"),
        price=Money(decode_integer(price, "amount"), decode_currency(price, "currency")),
        available=decode_integer(fields, "available"),
    )
