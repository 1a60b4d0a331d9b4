"""The one way from catalog to stock: named, traced, timed, and repeated only where it is safe."""

import json
import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from time import monotonic, sleep
from types import SimpleNamespace
from typing import Any

import requests

from instrumentation import outgoing_headers

from .budget import Budget
from .http_client import Answer, Exchange
from .stock_errors import (
    StockFailed,
    StockHungUp,
    StockTooSlow,
    StockUnavailable,
    StockUnreachable,
    StockUnreadable,
)

ATTEMPTS = 3
LONGEST_FIRST_PAUSE = 0.2
OUTCOMES: dict[type[StockUnavailable], str] = {
    StockUnreachable: "unreachable",
    StockHungUp: "unreachable",
    StockTooSlow: "timeout",
    StockFailed: "server_error",
    StockUnreadable: "server_error",
}

Timed = Callable[[str], AbstractContextManager[Any]]


def untimed(call: str) -> AbstractContextManager[Any]:
    """Stands in for RemoteCalls.timed where nobody measures."""
    return nullcontext(SimpleNamespace(outcome=""))


class Transport:
    """Sends calls to stock and returns its Answers; raises StockUnavailable when there is none.

    `timed` is told about every attempt, so that repeated ones are visible. Times are in seconds.
    """

    def __init__(
        self,
        user_agent: str = "catalog",
        *,
        connect_timeout: float = 0.5,
        read_timeout: float = 2.5,
        budget: float = 5.0,
        timed: Timed = untimed,
    ) -> None:
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "application/json, application/problem+json",
            # What is small when compressed can be huge in memory.
            "Accept-Encoding": "identity",
        }
        # Reads differ in their address only, and preparing one costs ten times as much as a copy.
        self._read = requests.Request("GET", "http://stock/", headers=self._headers).prepare()
        self._exchange = Exchange(connect_timeout, read_timeout)
        self._budget = Budget(budget)
        self._timed = timed

    def get(self, call: str, url: str) -> Answer:
        """Reads an address that is encoded already; repeated when stock is briefly away."""
        request = self._read.copy()
        request.url = url
        request.headers.update(outgoing_headers())
        return self._repeat(call, request, ATTEMPTS)

    def post(self, call: str, url: str, document: object, key: str | None = None) -> Answer:
        """Writes a JSON document; repeated only under an idempotency key, which makes that safe."""
        headers = self._headers | outgoing_headers() | {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        request = requests.Request("POST", url, headers=headers, data=json.dumps(document))
        return self._repeat(call, request.prepare(), ATTEMPTS if key is not None else 1)

    def _repeat(self, call: str, request: requests.PreparedRequest, attempts: int) -> Answer:
        deadline = self._budget.deadline()
        longest_pause = LONGEST_FIRST_PAUSE
        while True:
            attempts -= 1
            try:
                return self._attempt(call, request, deadline)
            except StockUnavailable as error:
                # Jitter keeps the processes that failed together from coming back together.
                pause = random.uniform(0.5, 1) * longest_pause  # noqa: S311
                if not attempts or not _passing(error) or monotonic() + pause >= deadline:
                    raise
            sleep(pause)
            longest_pause *= 2

    def _attempt(self, call: str, request: requests.PreparedRequest, deadline: float) -> Answer:
        with self._timed(call) as timing:
            try:
                answer = self._exchange.send(request, deadline)
            except StockUnavailable as error:
                timing.outcome = OUTCOMES[type(error)]
                raise
            timing.outcome = "client_error" if answer.status >= 400 else "ok"
            return answer


def _passing(error: StockUnavailable) -> bool:
    """Whether the next attempt may well succeed; a slow stock would only get slower by it."""
    if isinstance(error, StockFailed):
        return error.status in {502, 503, 504}
    return isinstance(error, StockUnreachable | StockHungUp)
