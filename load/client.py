"""One client: a connection and cookies of its own; every request that it makes is on record."""

from __future__ import annotations

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
from load.record import Record

LIMIT = 10.0
"""Seconds after which a client gives up, whatever trickles in meanwhile."""
LARGEST = 2_000_000
ATTEMPTS = 3
PAUSE = 0.2
"""Seconds between two attempts."""
_NOBODY_BEHIND = {502, 503, 504}
_EXCERPT = 4000
_TAGS = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)


class Unexpected(Exception):
    """An answer that the client cannot use; the message says why."""


class _NoAnswerError(Exception):
    """Nothing came back, or not all of it."""


@dataclass(frozen=True)
class Answer:
    """What came back, entire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def unexpected(self, note: str = "") -> Unexpected:
        """What to raise for a status that is not hoped for: who answers tells why in the body."""
        said = _TAGS.sub(" ", self.body[:_EXCERPT].decode("utf-8", "replace"))
        return Unexpected(": ".join(filter(None, (f"status {self.status}{note}", _short(said)))))


Reader = Callable[[Answer], int | None]
"""Takes an answer for good and tells its version if it can, or raises Unexpected."""


class Client:
    """Asks on behalf of one kind of clients, under one User-Agent."""

    def __init__(self, gateway: Gateway, record: Record, kind: str, headers: Mapping[str, str]):
        self._gateway, self._record, self._kind = gateway, record, kind
        self._session = requests.Session()
        # Proxies and .netrc of the caller have no say in what goes to the shop.
        self._session.trust_env = False
        self._session.headers = requests.structures.CaseInsensitiveDict(headers)

    def ask(
        self, method: str, url: str, due: float, reads: Reader, *, safe: bool = False, **sent: Any
    ) -> Answer | None:
        """The answer, None when the request failed. Nothing is repeated unless it is `safe` to:
        then a request without an answer is sent again, and counted as repeated.
        """
        attempts = ATTEMPTS if safe else 1
        for attempt in range(1, attempts + 1):
            try:
                answer = self._exchange(method, url, **sent)
                if answer.status not in _NOBODY_BEHIND or attempt == attempts:
                    self._record.answered(self._kind, due, reads(answer))
                    return answer
            except (_NoAnswerError, Unexpected) as error:
                if isinstance(error, Unexpected) or attempt == attempts:
                    self._record.fails(self._kind, due, f"{method} {url}: {error}")
                    return None
            self._record.repeats(self._kind)
            time.sleep(PAUSE)
        raise AssertionError("the last attempt returns")

    def forget(self) -> None:
        """Be somebody new: no cookies, no connection."""
        self._session.cookies.clear()
        self._session.close()

    def _exchange(self, method: str, url: str, **sent: Any) -> Answer:
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
                return Answer(answer.status_code, answer.headers, _body(answer, deadline))
        except (requests.RequestException, HTTPError) as error:
            raise _NoAnswerError(_words(error)) from error


def _short(text: str) -> str:
    return " ".join(text.split())[:200]


def _words(error: Exception) -> str:
    if isinstance(error, requests.Timeout | TimeoutError_):
        return f"no answer within {LIMIT:g} s"
    if isinstance(error, requests.ConnectionError | ProtocolError):
        return "the connection was refused, or broke"
    return f"no HTTP answer ({type(error).__name__})"


def _body(answer: requests.Response, deadline: float) -> bytes:
    """All of it. Parts are taken as they come, or a trickle would never meet the limit."""
    body = bytearray()
    while part := answer.raw.read1(65_536, decode_content=True):
        body += part
        if time.monotonic() > deadline:
            raise _NoAnswerError(f"no whole answer within {LIMIT:g} s")
        if len(body) > LARGEST:
            raise _NoAnswerError(f"an answer of more than {LARGEST} bytes")
    return bytes(body)
