"""Calls to stock: traced, timed, and repeated where that is safe."""

import json
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import monotonic, sleep
from typing import Any

import requests
from flask import g, has_request_context

from instrumentation import outgoing_headers

from .http_client import HttpClient, StockResponse
from .settings import StockSettings
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

Measure = Callable[[str], AbstractContextManager[Any]]


class Transport:
    """Sends calls to stock and returns the responses; raises StockUnavailable without one.

    `measure` times every attempt, so that repeated ones are visible.
    """

    def __init__(self, settings: StockSettings, user_agent: str, measure: Measure) -> None:
        self._base_url = settings.url
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "application/json, application/problem+json",
            # A small compressed body can be huge in memory.
            "Accept-Encoding": "identity",
        }
        # Reads differ in their address only, and preparing one costs ten times as much as a copy.
        read = requests.Request("GET", "http://stock/", headers=self._headers)
        self._prepared_read = read.prepare()
        self._client = HttpClient(settings)
        self._budget = settings.budget
        self._measure = measure

    def get(self, call: str, path: str) -> StockResponse:
        """Read a path, which is encoded already; repeat that while stock is briefly away."""
        request = self._prepared_read.copy()
        request.url = self._base_url + path
        request.headers.update(outgoing_headers())
        return self._repeat(call, request, ATTEMPTS)

    def post(self, call: str, path: str, document: object, key: str | None = None) -> StockResponse:
        """Send a JSON document; repeat that only under an idempotency key, which makes it safe."""
        headers = self._headers | outgoing_headers() | {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        request = requests.Request(
            "POST", self._base_url + path, headers=headers, data=json.dumps(document)
        )
        return self._repeat(call, request.prepare(), ATTEMPTS if key is not None else 1)

    def _repeat(self, call: str, request: requests.PreparedRequest, attempts: int) -> StockResponse:
        deadline = self._find_deadline()
        longest_pause = LONGEST_FIRST_PAUSE
        while True:
            attempts -= 1
            try:
                return self._attempt(call, request, deadline)
            except StockUnavailable as error:
                # Jitter keeps the processes that failed together from coming back together.
                pause = random.uniform(0.5, 1) * longest_pause  # noqa: S311
                if not attempts or not _is_transient(error) or monotonic() + pause >= deadline:
                    raise
            sleep(pause)
            longest_pause *= 2

    def _find_deadline(self) -> float:
        """Return the `monotonic` time at which the budget of the current request is used up.

        The budget starts with the first call to stock, and all calls of the request share it.
        """
        deadline = monotonic() + self._budget
        return float(g.setdefault("deadline", deadline)) if has_request_context() else deadline

    def _attempt(
        self, call: str, request: requests.PreparedRequest, deadline: float
    ) -> StockResponse:
        with self._measure(call) as timing:
            try:
                response = self._client.send(request, deadline)
            except StockUnavailable as error:
                timing.outcome = OUTCOMES[type(error)]
                raise
            timing.outcome = "client_error" if response.status >= 400 else "ok"
            return response


def _is_transient(error: StockUnavailable) -> bool:
    """Return True if the next attempt may succeed. It would make a slow stock only slower."""
    if isinstance(error, StockFailed):
        return error.status in {502, 503, 504}
    return isinstance(error, StockUnreachable | StockHungUp)
