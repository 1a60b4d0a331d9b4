"""HTTP requests to stock, each within a deadline; every failure is a StockError."""

from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import NamedTuple

import requests
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError
from urllib3.exceptions import TimeoutError as WaitError

from .deadline import DeadlineAdapter, set_deadline
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


class StockResponse(NamedTuple):
    """A response of stock: a status below 500, and the whole body."""

    status: int
    body: bytes


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        # Even with allow_redirects=False the library prepares the next request, and reads the body.
        return None


class HttpClient:
    """Sends prepared requests over one pool of connections."""

    def __init__(self, connect_timeout: float, read_timeout: float) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._session = _Session()
        # Looking for proxies and .netrc in the environment would cost time in every call.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, DeadlineAdapter(pool_maxsize=POOL_SIZE, max_retries=0))

    def send(self, request: requests.PreparedRequest, deadline: float) -> StockResponse:
        """Send a request and return the response; raise StockUnavailable without a usable one."""
        left = deadline - monotonic()
        if left <= 0:
            raise StockTooSlow("no time was left for the call")
        set_deadline(deadline)
        try:
            with self._session.send(
                request,
                stream=True,
                allow_redirects=False,
                proxies={},
                timeout=(min(self._connect_timeout, left), min(self._read_timeout, left)),
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
