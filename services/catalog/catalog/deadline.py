"""Deadlines for calls to stock: a time budget per request, and connections that keep to it.

A timeout of a socket starts again with every byte that arrives. A deadline does not.
"""

import socket
import threading
from time import monotonic
from typing import Any

from flask import g, has_request_context
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

_current = threading.local()


class TimeBudget:
    """The seconds that one incoming request may spend on stock, however many calls it makes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_deadline(self) -> float:
        """Return the `monotonic` time at which the budget of the current request is used up.

        The budget starts with the first call of this method in a request.
        """
        if not has_request_context():
            return monotonic() + self._seconds
        if "deadline" not in g:
            g.deadline = monotonic() + self._seconds
        deadline: float = g.deadline
        return deadline


def set_deadline(deadline: float) -> None:
    """Set the `monotonic` time at which this thread's reads from stock end."""
    _current.deadline = deadline


class DeadlineSocket(socket.socket):
    """A socket whose reads raise TimeoutError at the deadline of `set_deadline`."""

    def recv_into(self, *args: Any) -> int:
        left = _current.deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        timeout = self.gettimeout()
        if timeout is None or left < timeout:
            self.settimeout(left)
        return super().recv_into(*args)


LONGEST_USE = 3.0
"""Seconds that a connection is used for new calls. A pod that terminates still answers for
preStopSleepSeconds (charts), but a cluster does not tell its clients to leave. So this is shorter
than that pause, by the time until new connections go elsewhere.
"""


class _DeadlineConnection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self._made = monotonic()

    @property
    def is_connected(self) -> bool:
        """The pool asks this before it uses a connection again."""
        return super().is_connected and monotonic() - self._made < LONGEST_USE

    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        timeout = plain.gettimeout()
        with_deadline = DeadlineSocket(fileno=plain.detach())
        with_deadline.settimeout(timeout)
        return with_deadline


class _DeadlinePool(HTTPConnectionPool):
    ConnectionCls = _DeadlineConnection


class DeadlineAdapter(HTTPAdapter):
    """Plain HTTP that keeps to `set_deadline`; for TLS the usual timeouts apply."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        pools = self.poolmanager
        pools.pool_classes_by_scheme = pools.pool_classes_by_scheme | {"http": _DeadlinePool}
