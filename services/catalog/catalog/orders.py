"""Orders: reading them from a request, and the words for a refused one."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from instrumentation.body import read_json

from .stock_errors import KeyReused, NotEnough, RequestRejected

LARGEST_BODY = 16 * 1024
LARGEST_QUANTITY = 1000
FORMS = {"", "application/x-www-form-urlencoded", "multipart/form-data"}


@dataclass(frozen=True, slots=True)
class OrderForm:
    """An order form on a page: its address, its content, and the largest quantity it offers."""

    action: str
    quantity: str = "1"
    key: str | None = None
    most: int = LARGEST_QUANTITY


class Refusal(NamedTuple):
    """The refusal of an order, in words for shoppers."""

    status: int
    heading: str
    advice: str


class BadQuantity(Exception):
    """The quantity is not a whole number within bounds."""


_BAD_QUANTITY = Refusal(
    400,
    "That is not a quantity",
    f"Please enter a whole number from 1 to {LARGEST_QUANTITY}. Nothing was bought.",
)
REFUSALS: dict[type[Exception], Refusal] = {
    BadQuantity: _BAD_QUANTITY,
    RequestRejected: _BAD_QUANTITY,
    NotEnough: Refusal(
        409, "Not enough left", "We have fewer than you asked for. Nothing was bought."
    ),
    KeyReused: Refusal(
        409,
        "This form was already used",
        "It has bought something before. If you want more, please order again.",
    ),
}
REFUSED = tuple(REFUSALS)


def read_quantity() -> int:
    """Return the quantity in a form or in JSON.

    Raises BadQuantity, or an HTTPException for a bad body.
    """
    if request.mimetype == "application/json":
        value = read_json(request, LARGEST_BODY).get("quantity")
        quantity = value if type(value) is int else 0
    elif request.mimetype in FORMS:
        quantity = parse_quantity(request.form.get("quantity", ""))
    else:
        raise UnsupportedMediaType("Orders are sent as a form or as application/json.")
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise BadQuantity
    return quantity


def read_typed_quantity() -> str:
    """Return the text in the form, to fill the next form with it."""
    return request.form.get("quantity", "1")[:20]


def parse_quantity(text: str) -> int:
    """Return the number in a text of up to four digits, and 0 for any other text."""
    return int(text) if re.fullmatch(r"\s*[0-9]{1,4}\s*", text) else 0
