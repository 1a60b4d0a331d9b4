"""Closes connections so that the client still receives the response.

If a server closes a socket while the client is sending, the kernel resets the connection and the
client may lose the response. So the server ends its side and reads on for a while. The event loop
of the worker does that: no thread waits for a slow client.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ, BaseSelector
from socket import SHUT_WR, socket
from time import monotonic

# Seconds that a client has to end the connection, and the bytes that are read meanwhile. A client
# that sends more waits, and is not cut off: it can still read the response.
LINGER_SECONDS = 2.0
MAX_BYTES = 2 * 1024 * 1024
_CHUNK = 64 * 1024


@dataclass
class _LingeringConnection:
    deadline: float
    left: int = MAX_BYTES


class Lingering:
    """Connections after their last response. Calls `on_close` when one ends.

    No method blocks. Use it from the thread that runs the poller only.
    """

    def __init__(self, poller: BaseSelector, on_close: Callable[[], None]) -> None:
        self._poller = poller
        self._on_close = on_close
        # Ordered by deadline.
        self._open: dict[socket, _LingeringConnection] = {}

    def begin(self, sock: socket) -> None:
        """End our side, and read until the client ends the connection."""
        connection = _LingeringConnection(monotonic() + LINGER_SECONDS)
        try:
            sock.shutdown(SHUT_WR)
            sock.setblocking(False)
            self._poller.register(sock, EVENT_READ, partial(self._read, connection))
        # The connection is already lost.
        except OSError:
            sock.close()
            self._on_close()
        else:
            self._open[sock] = connection

    def expire(self) -> None:
        """Close the connections whose deadline has passed."""
        while self._open:
            sock, connection = next(iter(self._open.items()))
            if connection.deadline > monotonic():
                return
            self._close(sock)

    def _read(self, connection: _LingeringConnection, sock: socket) -> None:
        try:
            received = len(sock.recv(_CHUNK))
        except BlockingIOError:
            return
        except OSError:
            received = 0
        connection.left -= received
        if not received:
            self._close(sock)
        elif connection.left <= 0:
            self._poller.unregister(sock)

    def _close(self, sock: socket) -> None:
        connection = self._open.pop(sock)
        if connection.left > 0:
            self._poller.unregister(sock)
        sock.close()
        self._on_close()
