"""Receives the body of a request before the application is called.

A response that is sent before the end of its request confuses proxies: some stop reading from their
client, others lose the response when the connection ends. So the worker buffers the body first. Of
a body that is too large it keeps LIMIT bytes.
"""

import io
from time import monotonic
from typing import Any, NoReturn

from .body import LIMIT

# Bytes after LIMIT that are received and dropped.
MAX_DROPPED = 2 * 1024 * 1024
# Seconds that a thread waits for a body within the limit, and for one that is too large.
BODY_TIMEOUT = 5.0
LARGE_BODY_TIMEOUT = 2.0
_CHUNK = 64 * 1024


def has_body(request: Any) -> bool:
    """Return True if the headers announce a body; a chunked one has no length."""
    return getattr(request.body.reader, "length", None) != 0


def buffer_body(request: Any, connection: Any) -> None:
    """Replace the body of gunicorn's request by its received bytes.

    If more bytes are still to come, the response closes the connection. An error is raised when the
    application reads the body.
    """
    length = getattr(request.body.reader, "length", 0)
    expects_continue, request._expected_100_continue = request._expected_100_continue, False
    if expects_continue and length > LIMIT:
        request.force_close()
        return
    unreader, sock = connection.parser.unreader, connection.sock
    timeout = LARGE_BODY_TIMEOUT if length > LIMIT else BODY_TIMEOUT
    try:
        if expects_continue:
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        unreader.sock = _SocketWithDeadline(monotonic() + timeout, sock)
        kept = request.body.read(LIMIT + 1)
        if len(kept) > LIMIT and not _drop_rest(request.body):
            request.force_close()
        request.body = io.BytesIO(kept)
    # Any error is caused by what the client sent.
    except Exception as error:
        request.force_close()
        request.body = _UnreadableBody(error)
    finally:
        unreader.sock = sock
        sock.settimeout(None)


def _drop_rest(body: Any) -> bool:
    """Drop up to MAX_DROPPED bytes; return True if the body ends within them."""
    left = MAX_DROPPED
    while left > 0:
        piece = body.read(_CHUNK)
        if not piece:
            return True
        left -= len(piece)
    return False


class _SocketWithDeadline:
    """A socket whose reads fail after a deadline, however slowly the bytes arrive."""

    def __init__(self, deadline: float, sock: Any) -> None:
        self._deadline = deadline
        self._sock = sock

    def recv(self, size: int) -> bytes:
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        self._sock.settimeout(left)
        data: bytes = self._sock.recv(size)
        return data


class _UnreadableBody:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, size: int = -1) -> NoReturn:
        raise self._error

    readline = read
