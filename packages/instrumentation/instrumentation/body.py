"""Request bodies: whatever a client sends, the result is a value or a 4xx, never a 500."""

import io
import json
import math
from collections.abc import Iterator
from typing import Any

from werkzeug import Request
from werkzeug.exceptions import (
    BadRequest,
    RequestEntityTooLarge,
    RequestTimeout,
    UnsupportedMediaType,
)

LIMIT = 64 * 1024


def read_json(request: Request, limit: int = LIMIT) -> dict[str, Any]:
    """Return the JSON object in the body of a request, which has at most `limit` bytes.

    Its numbers are finite, its integers fit into 64 bits, its names are unique, and its texts have
    no lone surrogate and no NUL. Raise BadRequest with one line, RequestEntityTooLarge, or
    UnsupportedMediaType if the Content-Type is not JSON.
    """
    if not request.is_json:
        raise UnsupportedMediaType("Content-Type must be application/json")
    data = request.get_data(cache=False)
    if len(data) > limit:
        raise RequestEntityTooLarge(f"the request body is larger than {limit} bytes")
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_constant=_reject_constant,
            parse_float=_parse_finite,
            parse_int=_parse_int64,
            object_pairs_hook=_build_unique,
        )
    except UnicodeDecodeError:
        raise BadRequest("the body is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadRequest("the body is not valid JSON") from None
    if not isinstance(value, dict):
        raise BadRequest("the body must be a JSON object")
    for text in _iterate_texts(value):
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise BadRequest("the body holds a text with NUL or a lone surrogate")
    return value


class BodyStream(io.RawIOBase):
    """Wraps the server's `wsgi.input` and raises its errors as 400, 408, or 413 beyond LIMIT.

    A malformed chunk, a broken or stalled connection, and a body shorter than its Content-Length
    appear only while the application reads.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        length = environ.get("CONTENT_LENGTH", "")
        self._stream = environ["wsgi.input"]
        self._length = int(length) if length.isdecimal() else None
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if (self._length or 0) > LIMIT:
            raise RequestEntityTooLarge(f"the request body is larger than {LIMIT} bytes")
        # One byte above the limit shows that the body is too large.
        size = min(len(buffer), LIMIT - self._received + 1)
        try:
            data = self._stream.read(size)
        except TimeoutError as error:
            raise RequestTimeout("the request body did not arrive in time") from error
        # Any other error is caused by what the client sent.
        except Exception as error:
            raise BadRequest("the request body cannot be read") from error
        self._received += len(data)
        if self._received > LIMIT:
            raise RequestEntityTooLarge(f"the request body is larger than {LIMIT} bytes")
        # The server returns less than requested only at the end of the body.
        if len(data) < size and self._received < (self._length or 0):
            raise BadRequest("the request body is shorter than announced")
        buffer[: len(data)] = data
        return len(data)


def _reject_constant(name: str) -> float:
    raise BadRequest(f"{name} is not a JSON number")


def _parse_finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise BadRequest("a number is too large")
    return value


def _parse_int64(digits: str) -> int:
    # Twenty characters hold every 64-bit integer, and int() of a long text is slow.
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise BadRequest("a number is too large")
    return int(digits)


def _build_unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise BadRequest("a name occurs twice in one object")
    return value


def _iterate_texts(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            pending += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            pending += part
