"""HTTP requests to stock, each within a deadline; every failure is a StockError.

A timeout of a socket starts again with every byte that arrives. A deadline does not.
"""

import socket
import threading
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError
from urllib3.exceptions import TimeoutError as WaitError

from .settings import StockSettings
from .stock_errors import StockFailed, StockHungUp, StockTooSlow, StockUnreachable, StockUnreadable

POOL_SIZE = 32
LARGEST_BODY = 1024 * 1024
CHUNK = 64 * 1024
LONGEST_USE = 3.0
"""Seconds that a connection is used for new calls. A pod that terminates still answers for
preStopSleepSeconds (charts), but a cluster does not tell its clients to leave. So this is shorter
than that pause, by the time until new connections go elsewhere.
"""

_current = threading.local()


class StockResponse(NamedTuple):
    """A response of stock: a status below 500, and the whole body."""

    status: int
    body: bytes


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


class _DeadlineAdapter(HTTPAdapter):
    """Plain HTTP that keeps to `set_deadline`; for TLS the usual timeouts apply."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        pools = self.poolmanager
        pools.pool_classes_by_scheme = pools.pool_classes_by_scheme | {"http": _DeadlinePool}


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        # Even with allow_redirects=False the library prepares the next request, and reads the body.
        return None


class HttpClient:
    """Sends prepared requests over one pool of connections."""

    def __init__(self, settings: StockSettings) -> None:
        self._settings = settings
        self._session = _Session()
        # Looking for proxies and .netrc in the environment would cost time in every call.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _DeadlineAdapter(pool_maxsize=POOL_SIZE, max_retries=0))

    def send(self, request: requests.PreparedRequest, deadline: float) -> StockResponse:
        """Send a request and return the response; raise StockUnavailable without a usable one."""
        limits, left = self._settings, deadline - monotonic()
        if left <= 0:
            raise StockTooSlow("no time was left for the call")
        set_deadline(deadline)
        try:
            with self._session.send(
                request,
                stream=True,
                allow_redirects=False,
                proxies={},
                timeout=(min(limits.connect_timeout, left), min(limits.read_timeout, left)),
            ) as response:
                body = _read_body(response, deadline)
        except requests.ConnectTimeout as error:
            raise StockUnreachable("no connection in time") from error
        except (requests.Timeout, WaitError) as error:
            raise StockTooSlow("no answer in time") from error
        except requests.ConnectionError as error:
            raise _connection_error(error) from error
        except (requests.RequestException, HTTPError) as error:
            raise StockHungUp("the connection broke") from error
        if response.status_code >= 500:
            raise StockFailed(response.status_code)
        return StockResponse(response.status_code, body)


def _read_body(response: requests.Response, deadline: float) -> bytes:
    """Read the body in pieces, as each restarts the timeout of the connection."""
    body = bytearray()
    while chunk := response.raw.read1(CHUNK):
        body += chunk
        if len(body) > LARGEST_BODY:
            raise StockUnreadable(f"the answer is larger than {LARGEST_BODY} bytes")
        if monotonic() >= deadline:
            raise StockTooSlow("the answer did not end in time")
    return bytes(body)


def _connection_error(error: requests.ConnectionError) -> StockUnreachable | StockHungUp:
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError):
        return StockUnreachable("no connection")
    return StockHungUp("the connection broke")
