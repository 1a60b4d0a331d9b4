"""Request bodies: whatever a client sends gives a value or a 4xx, never a 500."""

import json
import math
from collections.abc import Iterator
from typing import Any

from werkzeug import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from .stream import LIMIT


def read_json(request: Request, limit: int = LIMIT) -> dict[str, Any]:
    """The JSON object in the request's body, of at most `limit` bytes.

    Numbers in it are finite, integers fit into 64 bits, names occur once, and texts can be stored
    anywhere (no lone surrogates, no NUL). Raises BadRequest with one line, RequestEntityTooLarge,
    or UnsupportedMediaType when the body is not declared as JSON.
    """
    if not request.is_json:
        raise UnsupportedMediaType("Content-Type must be application/json")
    data = request.get_data(cache=False)
    if len(data) > limit:
        raise RequestEntityTooLarge(f"the request body is larger than {limit} bytes")
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_int64,
            object_pairs_hook=_unique,
        )
    except _Refused as error:
        raise BadRequest(str(error)) from None
    except UnicodeDecodeError:
        raise BadRequest("the body is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadRequest("the body is not valid JSON") from None
    if not isinstance(value, dict):
        raise BadRequest("the body must be a JSON object")
    for text in _texts(value):
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise BadRequest("the body holds a text with NUL or a lone surrogate")
    return value


class _Refused(Exception):
    """JSON that is valid, or nearly, and not accepted."""


def _refuse_constant(name: str) -> float:
    raise _Refused(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _Refused("a number is too large")
    return value


def _int64(digits: str) -> int:
    # Twenty characters hold every 64-bit integer, and int() of a long text is slow.
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise _Refused("a number is too large")
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Refused("a name occurs twice in one object")
    return value


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            waiting += part
