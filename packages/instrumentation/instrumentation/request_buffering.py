"""Receives a request's body before the application is called.

An answer that overtakes its request's body makes trouble on the way: the proxy in between stops
listening to its client, or loses the answer when the connection ends under its hands. So the whole
body is here first, within bounds; of one that is too large, no more than LIMIT bytes are kept.
"""

import io
from time import monotonic
from typing import Any, NoReturn

from .stream import LIMIT

# What is received beyond LIMIT, only to be dropped, in bytes.
BEYOND = 2 * 1024 * 1024
# Seconds that a thread waits for a body: one that can be used, and one that will be refused.
PATIENCE = 5.0
PATIENCE_BEYOND = 2.0
_PIECE = 64 * 1024


def has_body(request: Any) -> bool:
    """Whether a body is announced; a chunked one has no length."""
    return getattr(request.body.reader, "length", None) != 0


def receive(request: Any, connection: Any) -> None:
    """Replace the body of gunicorn's request by what has been received of it.

    When some of it is still on its way, the answer will close the connection. What went wrong is
    raised as soon as the application reads.
    """
    announced = getattr(request.body.reader, "length", 0)
    asks_first, request._expected_100_continue = request._expected_100_continue, False
    if asks_first and announced > LIMIT:
        request.force_close()
        return
    unreader, sock = connection.parser.unreader, connection.sock
    patience = PATIENCE_BEYOND if announced > LIMIT else PATIENCE
    try:
        if asks_first:
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        unreader.sock = _Until(monotonic() + patience, sock)
        kept = request.body.read(LIMIT + 1)
        if len(kept) > LIMIT and not _ends(request.body):
            request.force_close()
        request.body = io.BytesIO(kept)
    # Whatever it is, it comes from what the client sent.
    except Exception as error:
        request.force_close()
        request.body = _Unreadable(error)
    finally:
        unreader.sock = sock
        sock.settimeout(None)


def _ends(body: Any) -> bool:
    """Whether the body ends within BEYOND bytes from here, all of which are dropped."""
    left = BEYOND
    while left > 0:
        piece = body.read(_PIECE)
        if not piece:
            return True
        left -= len(piece)
    return False


class _Until:
    """A socket whose reads end at a deadline, however slowly the bytes trickle in."""

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


class _Unreadable:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, size: int = -1) -> NoReturn:
        raise self._error

    readline = read
