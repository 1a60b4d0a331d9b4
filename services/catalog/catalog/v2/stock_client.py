"""Client of stock v2: SKUs, prices in minor units, pages, purchases under an idempotency key."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .. import decoding
from ..decoding import Refusals
from ..stock_errors import KeyReused, NoSuchTShirt, NotEnough, RequestRejected
from ..transport import Transport
from ..url_segment import segment

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
class Price:
    """An amount in the currency's minor unit (cents), and the currency's ISO 4217 code."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class TShirt:
    """A t-shirt as stock v2 describes it."""

    sku: str
    title: str
    price: Price
    available: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some t-shirts and the token that leads to those after them, None at the end."""

    items: tuple[TShirt, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase that happened."""

    sku: str
    quantity: int
    remaining: int


class Stock:
    """Stock v2 at a base URL without a trailing slash. Its methods raise catalog.stock_errors."""

    def __init__(self, base_url: str, transport: Transport | None = None) -> None:
        self._base_url = base_url
        self._transport = transport or Transport()

    def list(self, limit: int = 50, after: str | None = None) -> Page:
        """One page of t-shirts, in stock's order; RequestRejected when the token is not stock's."""
        url = f"{self._base_url}/t-shirts?limit={limit}"
        refusals: Refusals = {}
        if after is not None:
            url += f"&after={quote(after, safe='')}"
            refusals = LIST_AFTER
        answer = self._transport.get("list", url)
        listing = decoding.fields(decoding.expected(answer, 200, refusals))
        return Page(
            items=tuple(_t_shirt(item) for item in decoding.items(listing.get("items"))),
            next=None if listing.get("next") is None else decoding.text(listing, "next", 1000),
        )

    def find(self, sku: str) -> TShirt:
        """The t-shirt of that SKU, or NoSuchTShirt."""
        answer = self._transport.get("find", self._address(sku))
        return _t_shirt(decoding.expected(answer, 200, FIND))

    def purchase(self, sku: str, quantity: int, key: str) -> Purchase:
        """Buys once per key, however often it is called; NotEnough when fewer are left."""
        url = f"{self._address(sku)}/purchases"
        answer = self._transport.post("purchase", url, {"quantity": quantity}, key)
        sold = decoding.fields(decoding.expected(answer, 201, PURCHASE))
        return Purchase(
            sku=decoding.text(sold, "sku"),
            quantity=decoding.whole(sold, "quantity"),
            remaining=decoding.whole(sold, "remaining"),
        )

    def _address(self, sku: str) -> str:
        encoded = segment(sku)
        if encoded is None:
            raise NoSuchTShirt(sku)
        return f"{self._base_url}/t-shirts/{encoded}"


def _t_shirt(item: Any) -> TShirt:
    described = decoding.fields(item)
    price = decoding.fields(described.get("price"))
    return TShirt(
        sku=decoding.text(described, "sku"),
        title=decoding.text(described, "title"),
        price=Price(decoding.whole(price, "amount"), decoding.currency(price, "currency")),
        available=decoding.whole(described, "available"),
    )
