"""Connections whose reads end at a deadline, however slowly the other side trickles its answer.

A timeout of a socket starts again with every byte that arrives. A deadline does not.
"""

import socket
import threading
from time import monotonic
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

_current = threading.local()


def read_until(deadline: float) -> None:
    """Sets the time (of `monotonic`) at which this thread's reads from stock end."""
    _current.deadline = deadline


class PatientSocket(socket.socket):
    """A socket whose reads raise TimeoutError at the deadline that `read_until` has set."""

    def recv_into(self, *args: Any) -> int:
        left = _current.deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        timeout = self.gettimeout()
        if timeout is None or left < timeout:
            self.settimeout(left)
        return super().recv_into(*args)


LONGEST_USE = 3.0
"""Seconds that a connection is used for new calls: a process that leaves goes on answering for a
few seconds, and on a cluster nobody tells those who are connected to it. Shorter than that pause,
which is preStopSleepSeconds in the charts, by what it takes until new connections go elsewhere.
"""


class _PatientConnection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self._made = monotonic()

    @property
    def is_connected(self) -> bool:
        """What a pool asks before it uses a connection again."""
        return super().is_connected and monotonic() - self._made < LONGEST_USE

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        timeout = made.gettimeout()
        patient = PatientSocket(fileno=made.detach())
        patient.settimeout(timeout)
        return patient


class _PatientPool(HTTPConnectionPool):
    ConnectionCls = _PatientConnection


class PatientAdapter(HTTPAdapter):
    """Plain HTTP that respects `read_until`; for TLS the usual timeouts apply."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        pools = self.poolmanager
        pools.pool_classes_by_scheme = pools.pool_classes_by_scheme | {"http": _PatientPool}
