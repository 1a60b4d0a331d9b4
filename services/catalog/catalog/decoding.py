"""Decoding of stock's responses. Each function returns a value or raises StockUnreadable."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from .http_client import StockResponse
from .stock_errors import StockRefused, StockUnreadable

Refusals = Mapping[int, type[StockRefused]]

LARGEST_NUMBER = 10**12
MOST_ITEMS = 10_000
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def expect_json(response: StockResponse, status: int, refusals: Refusals) -> Any:
    """Return the JSON value of a response with that status.

    Raises the error that `refusals` has for another status. A status that has none is unreadable:
    the response may come from something between catalog and stock.
    """
    if response.status == status:
        return parse_json(response.body)
    if response.status in refusals:
        raise refusals[response.status](f"status {response.status}")
    raise StockUnreadable(f"status {response.status} is not part of the contract")


def parse_json(body: bytes) -> Any:
    """Return the JSON value of a body: fractions as Decimal; NaN and Infinity are refused."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    # Decimal raises ArithmeticError for an exponent beyond its bounds.
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise StockUnreadable("the body is not JSON") from error


def decode_object(value: Any) -> Mapping[str, Any]:
    """Return the value if it is an object."""
    if not isinstance(value, dict):
        raise StockUnreadable("an object was expected")
    return value


def decode_array(value: Any) -> list[Any]:
    """Return the value if it is an array of at most MOST_ITEMS."""
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise StockUnreadable(f"an array of at most {MOST_ITEMS} items was expected")
    return value


def decode_text(source: Mapping[str, Any], field: str, longest: int = 200) -> str:
    """Return a field that is a non-empty text and can be encoded as UTF-8."""
    value = source.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= longest or _LONE_SURROGATE.search(value):
        raise StockUnreadable(f"{field} is not a text of 1 to {longest} characters")
    return value


def decode_integer(source: Mapping[str, Any], field: str) -> int:
    """Return a field that is a whole number from 0 to LARGEST_NUMBER."""
    value = source.get(field)
    if type(value) is not int or not 0 <= value <= LARGEST_NUMBER:
        raise StockUnreadable(f"{field} is not a whole number from 0 to {LARGEST_NUMBER}")
    return value


def decode_decimal(source: Mapping[str, Any], field: str) -> Decimal:
    """Return a field that is a number from 0 to LARGEST_NUMBER."""
    value: Any = source.get(field)
    if type(value) not in {int, Decimal} or not 0 <= value <= LARGEST_NUMBER:
        raise StockUnreadable(f"{field} is not a number from 0 to {LARGEST_NUMBER}")
    return Decimal(value)


def decode_currency(source: Mapping[str, Any], field: str) -> str:
    """Return a field that has the form of an ISO 4217 code."""
    value = source.get(field)
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{3}", value):
        raise StockUnreadable(f"{field} is not a currency code")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
