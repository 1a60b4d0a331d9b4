"""Ends connections so that the client can still hear the answer.

When a socket is closed while its client goes on sending, the kernel resets the connection, and the
client may lose the answer that was already on its way. So the server says that it is done, and goes
on listening for a while. The worker's event loop does that: no thread waits for a slow client.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ, BaseSelector
from socket import SHUT_WR, socket
from time import monotonic

# Seconds that a client has to end the connection, and the bytes that are read meanwhile. Beyond
# these it is left waiting, and not cut off: there is still time for it to hear the answer.
PATIENCE = 2.0
MOST_BYTES = 2 * 1024 * 1024
_PIECE = 64 * 1024


@dataclass
class _Farewell:
    deadline: float
    left: int = MOST_BYTES


class Lingering:
    """Connections that have had their last answer; `gone` is called as each of them ends.

    Nothing here blocks, and all of it belongs to the thread that runs the poller.
    """

    def __init__(self, poller: BaseSelector, gone: Callable[[], None]) -> None:
        self._poller = poller
        self._gone = gone
        # In the order of their deadlines.
        self._open: dict[socket, _Farewell] = {}

    def begin(self, sock: socket) -> None:
        """Say that nothing more will come, and listen until the client ends the connection."""
        farewell = _Farewell(monotonic() + PATIENCE)
        try:
            sock.shutdown(SHUT_WR)
            sock.setblocking(False)
            self._poller.register(sock, EVENT_READ, partial(self._listen, farewell))
        # The connection is lost already.
        except OSError:
            sock.close()
            self._gone()
        else:
            self._open[sock] = farewell

    def expire(self) -> None:
        """End the connections whose time is up."""
        while self._open:
            sock, farewell = next(iter(self._open.items()))
            if farewell.deadline > monotonic():
                return
            self._end(sock)

    def _listen(self, farewell: _Farewell, sock: socket) -> None:
        try:
            received = len(sock.recv(_PIECE))
        except BlockingIOError:
            return
        except OSError:
            received = 0
        farewell.left -= received
        if not received:
            self._end(sock)
        elif farewell.left <= 0:
            self._poller.unregister(sock)

    def _end(self, sock: socket) -> None:
        farewell = self._open.pop(sock)
        if farewell.left > 0:
            self._poller.unregister(sock)
        sock.close()
        self._gone()
