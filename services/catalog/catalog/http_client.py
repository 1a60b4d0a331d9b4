"""One HTTP request to stock and its answer, within a deadline; every failure is a StockError."""

from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import NamedTuple

import requests
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError
from urllib3.exceptions import TimeoutError as WaitError

from .deadline import PatientAdapter, read_until
from .stock_errors import (
    StockFailed,
    StockHungUp,
    StockTooSlow,
    StockUnreachable,
    StockUnreadable,
)

POOL_SIZE = 32
LARGEST_BODY = 1024 * 1024
CHUNK = 64 * 1024


class Answer(NamedTuple):
    """What stock said: a status below 500, and the whole body."""

    status: int
    body: bytes


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        # The library prepares to follow a redirect even when told not to, and reads all of it.
        return None


class Exchange:
    """Sends prepared requests over one pool of connections."""

    def __init__(self, connect_timeout: float, read_timeout: float) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._session = _Session()
        # Proxies and .netrc from the environment cost a look-up per call, and are a surprise.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, PatientAdapter(pool_maxsize=POOL_SIZE, max_retries=0))

    def send(self, request: requests.PreparedRequest, deadline: float) -> Answer:
        """The answer, or a StockUnavailable when there is none that can be used."""
        left = deadline - monotonic()
        if left <= 0:
            raise StockTooSlow("no time was left for the call")
        read_until(deadline)
        try:
            with self._session.send(
                request,
                stream=True,
                allow_redirects=False,
                proxies={},
                timeout=(min(self._connect_timeout, left), min(self._read_timeout, left)),
            ) as response:
                body = _read(response, deadline)
        except requests.ConnectTimeout as error:
            raise StockUnreachable("no connection in time") from error
        except (requests.Timeout, WaitError) as error:
            raise StockTooSlow("no answer in time") from error
        except requests.ConnectionError as error:
            raise _connection_failure(error) from error
        except (requests.RequestException, HTTPError) as error:
            raise StockHungUp("the connection broke") from error
        return _usable(response.status_code, body)


def _read(response: requests.Response, deadline: float) -> bytes:
    """The body, in pieces: each one that trickles in restarts the timeout of the connection."""
    body = bytearray()
    while piece := response.raw.read1(CHUNK):
        body += piece
        if len(body) > LARGEST_BODY:
            raise StockUnreadable(f"the answer is larger than {LARGEST_BODY} bytes")
        if monotonic() >= deadline:
            raise StockTooSlow("the answer did not end in time")
    return bytes(body)


def _connection_failure(error: requests.ConnectionError) -> StockUnreachable | StockHungUp:
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError):
        return StockUnreachable("no connection")
    return StockHungUp("the connection broke")


def _usable(status: int, body: bytes) -> Answer:
    if status >= 500:
        raise StockFailed(status)
    return Answer(status, body)
