"""Client of stock v1: names, prices as numbers of euros, purchases that must not be repeated."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .. import decoding
from ..decoding import Refusals
from ..stock_errors import NoSuchTShirt, NotEnough, RequestRejected
from ..transport import Transport
from ..url_segment import segment

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
class TShirt:
    """A t-shirt as stock v1 describes it; the price is in euros."""

    name: str
    price: Decimal
    quantity: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase that happened."""

    name: str
    quantity: int
    remaining: int


class Stock:
    """Stock v1 at a base URL without a trailing slash. Its methods raise catalog.stock_errors."""

    def __init__(self, base_url: str, transport: Transport | None = None) -> None:
        self._base_url = base_url
        self._transport = transport or Transport()

    def list(self) -> list[TShirt]:
        """All t-shirts, in stock's order."""
        answer = self._transport.get("list", f"{self._base_url}/t-shirt")
        return [_t_shirt(item) for item in decoding.items(decoding.expected(answer, 200, {}))]

    def find(self, name: str) -> TShirt:
        """The t-shirt of that name, or NoSuchTShirt."""
        answer = self._transport.get("find", self._address(name))
        return _t_shirt(decoding.expected(answer, 200, FIND))

    def purchase(self, name: str, quantity: int) -> Purchase:
        """Buys; NotEnough when fewer are left. Never repeated: that would sell again."""
        url = f"{self._address(name)}/purchase"
        answer = self._transport.post("purchase", url, {"quantity": quantity})
        sold = decoding.fields(decoding.expected(answer, 201, PURCHASE))
        return Purchase(
            name=decoding.text(sold, "name"),
            quantity=decoding.whole(sold, "quantity"),
            remaining=decoding.whole(sold, "remaining"),
        )

    def _address(self, name: str) -> str:
        encoded = segment(name)
        if encoded is None:
            raise NoSuchTShirt(name)
        return f"{self._base_url}/t-shirt/{encoded}"


def _t_shirt(item: Any) -> TShirt:
    described = decoding.fields(item)
    return TShirt(
        name=decoding.text(described, "name"),
        price=decoding.decimal(described, "price"),
        quantity=decoding.whole(described, "quantity"),
    )
