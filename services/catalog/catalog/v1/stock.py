"""Client of stock v1: names, prices as numbers of euros, purchases that must not be repeated."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog import answers
from catalog.errors import NoSuchTShirt, NotEnough, RequestRejected, StockUnreadable
from catalog.exchange import Answer
from catalog.names import segment
from catalog.transport import Transport

CALLS = ("list", "find", "purchase")


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
        return [_t_shirt(item) for item in answers.items(_expect(answer, 200))]

    def find(self, name: str) -> TShirt:
        """The t-shirt of that name, or NoSuchTShirt."""
        return _t_shirt(_expect(self._transport.get("find", self._address(name)), 200))

    def purchase(self, name: str, quantity: int) -> Purchase:
        """Buys; NotEnough when fewer are left. Never repeated: that would sell again."""
        url = f"{self._address(name)}/purchase"
        answer = self._transport.post("purchase", url, {"quantity": quantity})
        sold = answers.fields(_expect(answer, 201))
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


def _expect(answer: Answer, status: int) -> Any:
    if answer.status == status:
        return answers.document(answer.body)
    if answer.status == 404:
        raise NoSuchTShirt
    if answer.status == 409:
        raise NotEnough
    if answer.status in {400, 413, 422}:
        raise RequestRejected
    raise StockUnreadable(f"status {answer.status} is not part of the contract")
