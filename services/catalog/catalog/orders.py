"""Orders: how they are read from a request, and what shoppers are told when one is declined."""

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
class Form:
    """An order form on a page: where it is sent, what it is filled with, how many it offers."""

    action: str
    quantity: str = "1"
    key: str | None = None
    most: int = LARGEST_QUANTITY


class Refusal(NamedTuple):
    """Why an order was declined, in words for shoppers."""

    status: int
    heading: str
    advice: str


class BadQuantity(Exception):
    """The quantity asked for is not a whole number within bounds."""


DECLINED = (BadQuantity, RequestRejected, NotEnough, KeyReused)


def read_quantity() -> int:
    """The quantity in a form or in JSON; raises BadQuantity, or an HTTPException for a bad body."""
    if request.mimetype == "application/json":
        value = read_json(request, LARGEST_BODY).get("quantity")
        quantity = value if type(value) is int else 0
    elif request.mimetype in FORMS:
        quantity = whole_number(request.form.get("quantity", ""))
    else:
        raise UnsupportedMediaType("Orders are sent as a form or as application/json.")
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise BadQuantity
    return quantity


def most(available: int) -> int:
    """The largest quantity that a form can offer when that many are left."""
    return min(available, LARGEST_QUANTITY)


def quantity_as_typed() -> str:
    """What the form said, to fill the next one with."""
    return request.form.get("quantity", "1")[:20]


def whole_number(text: str) -> int:
    """The number that a text of up to four digits stands for, otherwise 0."""
    return int(text) if re.fullmatch(r"\s*[0-9]{1,4}\s*", text) else 0


def refusal(error: Exception) -> Refusal:
    """What to tell a shopper about one of DECLINED."""
    if isinstance(error, NotEnough):
        return Refusal(
            409, "Not enough left", "We have fewer than you asked for. Nothing was bought."
        )
    if isinstance(error, KeyReused):
        return Refusal(
            409,
            "This form was already used",
            "It has bought something before. If you want more, please order again.",
        )
    return Refusal(
        400,
        "That is not a quantity",
        f"Please enter a whole number from 1 to {LARGEST_QUANTITY}. Nothing was bought.",
    )
