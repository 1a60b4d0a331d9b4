"""The body of a request as it comes in from the server."""

from collections.abc import Callable, Iterator
from typing import Any, Self

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestTimeout

LIMIT = 64 * 1024


class BodyStream:
    """The server's `wsgi.input`, whose errors are the client's: 400, 408, or 413 beyond LIMIT.

    A malformed chunk, a connection that breaks off or stalls, and a body shorter than announced all
    show up only while the application reads.
    """

    def __init__(self, stream: Any, announced: int | None) -> None:
        self._stream = stream
        self._announced = announced
        self._received = 0

    @classmethod
    def of(cls, environ: dict[str, Any]) -> Self:
        """The request's body, with the length that its headers announce."""
        length = environ.get("CONTENT_LENGTH", "")
        return cls(environ["wsgi.input"], int(length) if length.isdecimal() else None)

    def read(self, size: int = -1) -> bytes:
        # One byte more than allowed shows that there is more.
        room = LIMIT - self._received + 1
        wanted = room if size < 0 else min(size, room)
        data = self._checked(self._stream.read, wanted)
        # A server returns less than it was asked for only when nothing more comes.
        if len(data) < wanted:
            self._check_complete()
        return data

    def readline(self, size: int = -1) -> bytes:
        room = LIMIT - self._received + 1
        line = self._checked(self._stream.readline, room if size < 0 else min(size, room))
        if not line and size:
            self._check_complete()
        return line

    def readlines(self, hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _checked(self, read: Callable[[int], bytes], size: int) -> bytes:
        if (self._announced or 0) > LIMIT:
            raise RequestEntityTooLarge(f"the request body is larger than {LIMIT} bytes")
        try:
            data = read(size)
        except TimeoutError as error:
            raise RequestTimeout("the request body did not arrive in time") from error
        # Whatever it is called, it comes from what the client sent.
        except Exception as error:
            raise BadRequest("the request body cannot be read") from error
        self._received += len(data)
        if self._received > LIMIT:
            raise RequestEntityTooLarge(f"the request body is larger than {LIMIT} bytes")
        return data

    def _check_complete(self) -> None:
        if self._announced is not None and self._received < self._announced:
            raise BadRequest("the request body is shorter than announced")
