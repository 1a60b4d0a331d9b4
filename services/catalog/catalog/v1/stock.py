"""Client of stock v1: names, prices as numbers of euros, purchases that must not be repeated."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog import answers
from catalog.answers import Refusals
from catalog.errors import NoSuchTShirt, NotEnough, RequestRejected
from catalog.names import segment
from catalog.transport import Transport

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
    """Stock v1 at a base URL without a trailing slash. Its methods raise catalog.errors."""

    def __init__(self, base_url: str, transport: Transport | None = None) -> None:
        self._base_url = base_url
        self._transport = transport or Transport()

    def list(self) -> list[TShirt]:
        """All t-shirts, in stock's order."""
        answer = self._transport.get("list", f"{self._base_url}/t-shirt")
        return [_t_shirt(item) for item in answers.items(answers.expected(answer, 200, {}))]

    def find(self, name: str) -> TShirt:
        """The t-shirt of that name, or NoSuchTShirt."""
        answer = self._transport.get("find", self._address(name))
        return _t_shirt(answers.expected(answer, 200, FIND))

    def purchase(self, name: str, quantity: int) -> Purchase:
        """Buys; NotEnough when fewer are left. Never repeated: that would sell again."""
        url = f"{self._address(name)}/purchase"
        answer = self._transport.post("purchase", url, {"quantity": quantity})
        sold = answers.fields(answers.expected(answer, 201, PURCHASE))
        return Purchase(
            name=answers.text(sold, "name"),
            quantity=answers.whole(sold, "quantity"),
            remaining=answers.whole(sold, "remaining"),
        )

    def _address(self, name: str) -> str:
        encoded = segment(name)
        if encoded is None:
            raise NoSuchTShirt(name)
        return f"{self._base_url}/t-shirt/{encoded}"


def _t_shirt(item: Any) -> TShirt:
    described = answers.fields(item)
    return TShirt(
        name=answers.text(described, "name"),
        price=answers.decimal(described, "price"),
        quantity=answers.whole(described, "quantity"),
    )
