"""The body of a purchase, in every version: `{"quantity": n}`."""

from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest

from instrumentation.body import read_json

from .inventory import LARGEST_PURCHASE

LARGEST_BODY = 16 * 1024  # bytes; a purchase needs about 20


def read_quantity(request: Request) -> tuple[int, dict[str, Any]]:
    """Return the quantity and the whole body; raise BadRequest for a bad quantity."""
    body = read_json(request, LARGEST_BODY)
    quantity = body.get("quantity")
    # In Python True is an int, in a shop it is not.
    if type(quantity) is not int or not 1 <= quantity <= LARGEST_PURCHASE:
        raise BadRequest(f"quantity must be a whole number from 1 to {LARGEST_PURCHASE}")
    return quantity, body
