"""An HTTP client with its own connection and cookies that records every request."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.exceptions import TimeoutError as TimeoutError_

from load.gateway import Gateway
from load.stats import Recorder

LIMIT = 10.0
"""Seconds after which a client gives up, even while a response trickles in."""
LARGEST = 2_000_000
ATTEMPTS = 3
PAUSE = 0.2
"""Seconds between two attempts."""
_NOBODY_BEHIND = {502, 503, 504}
_EXCERPT = 4000
_TAGS = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)


class UnexpectedResponseError(Exception):
    """The client cannot use the response; the message says why."""


class _NoAnswerError(Exception):
    """No response, or an incomplete one."""


@dataclass(frozen=True)
class Response:
    """A complete response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def as_error(self, note: str = "") -> UnexpectedResponseError:
        """Return an error for an unexpected status, with an excerpt of the body."""
        text = _TAGS.sub(" ", self.body[:_EXCERPT].decode("utf-8", "replace"))
        excerpt = " ".join(text.split())[:200]
        return UnexpectedResponseError(
            ": ".join(filter(None, (f"status {self.status}{note}", excerpt)))
        )


Reader = Callable[[Response], int | None]
"""Accepts a response and returns its version if it shows one; else raises
UnexpectedResponseError."""


class Client:
    """Sends requests for one type of clients, under one User-Agent."""

    def __init__(self, gateway: Gateway, record: Recorder, kind: str, headers: Mapping[str, str]):
        self._gateway, self._record, self._kind = gateway, record, kind
        self._session = requests.Session()
        # Ignore the proxies and .netrc of the caller.
        self._session.trust_env = False
        self._session.headers = requests.structures.CaseInsensitiveDict(headers)

    def send(
        self, method: str, url: str, due: float, reads: Reader, *, safe: bool = False, **sent: Any
    ) -> Response | None:
        """Return the response, or None when the request failed.

        A `safe` request without a response is sent again and counted as a retry.
        """
        attempts = ATTEMPTS if safe else 1
        for attempt in range(1, attempts + 1):
            try:
                answer = self._exchange(method, url, **sent)
                if answer.status not in _NOBODY_BEHIND or attempt == attempts:
                    self._record.add_response(self._kind, due, reads(answer))
                    return answer
            except (_NoAnswerError, UnexpectedResponseError) as error:
                if isinstance(error, UnexpectedResponseError) or attempt == attempts:
                    self._record.add_failure(self._kind, due, f"{method} {url}: {error}")
                    return None
            self._record.add_retry(self._kind)
            time.sleep(PAUSE)
        raise AssertionError("the last attempt returns")

    def forget(self) -> None:
        """Drop the cookies and the connection."""
        self._session.cookies.clear()
        self._session.close()

    def _exchange(self, method: str, url: str, **sent: Any) -> Response:
        parts = urlsplit(url)
        target = parts._replace(scheme="", netloc="", fragment="").geturl()
        headers = {"Host": parts.netloc, **sent.pop("headers", {})}
        deadline = time.monotonic() + LIMIT
        try:
            with self._session.request(
                method,
                self._gateway.base + target,
                headers=headers,
                timeout=LIMIT,
                allow_redirects=False,
                stream=True,
                **sent,
            ) as answer:
                return Response(answer.status_code, answer.headers, _body(answer, deadline))
        except (requests.Timeout, TimeoutError_) as error:
            raise _NoAnswerError(f"no answer within {LIMIT:g} s") from error
        except (requests.ConnectionError, ProtocolError) as error:
            raise _NoAnswerError("the connection was refused, or broke") from error
        except (requests.RequestException, HTTPError) as error:
            raise _NoAnswerError(f"no HTTP answer ({type(error).__name__})") from error


def _body(answer: requests.Response, deadline: float) -> bytes:
    """Read the whole body in parts, so that a trickling response meets the time limit."""
    body = bytearray()
    while part := answer.raw.read1(65_536, decode_content=True):
        body += part
        if time.monotonic() > deadline:
            raise _NoAnswerError(f"no whole answer within {LIMIT:g} s")
        if len(body) > LARGEST:
            raise _NoAnswerError(f"an answer of more than {LARGEST} bytes")
    return bytes(body)
