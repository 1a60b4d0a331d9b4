"""Reads stock's answers with suspicion: each function gives a value or raises StockUnreadable."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from .http_client import Answer
from .stock_errors import StockRefused, StockUnreadable

Refusals = Mapping[int, type[StockRefused]]

LARGEST_NUMBER = 10**12
MOST_ITEMS = 10_000


def expected(answer: Answer, status: int, refusals: Refusals) -> Any:
    """The JSON value of an answer with that status; raises what a call's `refusals` say of others.

    A refusal that makes no sense for the call is an answer that we cannot read: it may come from
    somebody in between.
    """
    if answer.status == status:
        return document(answer.body)
    if answer.status in refusals:
        raise refusals[answer.status](f"status {answer.status}")
    raise StockUnreadable(f"status {answer.status} is not part of the contract")


def document(body: bytes) -> Any:
    """The JSON value of a body; fractions are Decimal, and NaN and Infinity are refused."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    # Decimal says of an exponent beyond its bounds that the arithmetic is wrong.
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise StockUnreadable("the body is not JSON") from error


def fields(value: Any) -> Mapping[str, Any]:
    """The value as an object."""
    if not isinstance(value, dict):
        raise StockUnreadable("an object was expected")
    return value


def items(value: Any) -> list[Any]:
    """The value as an array of a reasonable length."""
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise StockUnreadable(f"an array of at most {MOST_ITEMS} items was expected")
    return value


def text(source: Mapping[str, Any], field: str, longest: int = 200) -> str:
    """A field that is a non-empty text which can be encoded."""
    value = source.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not _encodable(value):
        raise StockUnreadable(f"{field} is not a text of 1 to {longest} characters")
    return value


def whole(source: Mapping[str, Any], field: str) -> int:
    """A field that is a whole number from 0 to LARGEST_NUMBER."""
    value = source.get(field)
    if type(value) is not int or not 0 <= value <= LARGEST_NUMBER:
        raise StockUnreadable(f"{field} is not a whole number from 0 to {LARGEST_NUMBER}")
    return value


def decimal(source: Mapping[str, Any], field: str) -> Decimal:
    """A field that is a number from 0 to LARGEST_NUMBER."""
    value: Any = source.get(field)
    if type(value) not in {int, Decimal} or not 0 <= value <= LARGEST_NUMBER:
        raise StockUnreadable(f"{field} is not a number from 0 to {LARGEST_NUMBER}")
    return Decimal(value)


def currency(source: Mapping[str, Any], field: str) -> str:
    """A field that has the form of an ISO 4217 code."""
    value = source.get(field)
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{3}", value):
        raise StockUnreadable(f"{field} is not a currency code")
    return value


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
