"""Hooks of schemathesis: rules for requests that the descriptions cannot express.

The services refuse some JSON in fields that a schema does not name, and 1.0 where it asks for an
integer. Their own tests send such requests; here they would look like a mistake.
"""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import schemathesis

BEHIND_THE_FIRST = "YWZ0ZXI6MQ"


@schemathesis.hook
def filter_body(context: Any, body: Any) -> bool:
    """Return True for a body that a schema can judge."""
    return all(_ordinary(value) for value in _values(body))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Replace well-formed keys and tokens, which would always be refused: each order gets a key of
    its own, and each page a token that the service gave out.
    """
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[0-9A-Za-z_-]{8,56}", key):
        case.headers["Idempotency-Key"] = f"{key}-{next(_orders)}"
    token = (case.query or {}).get("after")
    if isinstance(token, str) and re.fullmatch("[0-9A-Za-z_-]{1,20}", token):
        case.query["after"] = BEHIND_THE_FIRST


@schemathesis.deserializer("text/html", "text/css", "image/svg+xml")
def text(context: Any, response: Any) -> str:
    """Return the text of an answer that is not JSON."""
    return str(response.text)


_orders = count(1)


def _ordinary(value: Any) -> bool:
    if isinstance(value, float):
        return not value.is_integer()
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def _values(body: Any) -> Iterator[Any]:
    if isinstance(body, dict):
        for value in body.values():
            yield from _values(value)
    elif isinstance(body, list):
        for value in body:
            yield from _values(value)
    else:
        yield body
