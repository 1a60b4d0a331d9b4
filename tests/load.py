"""A steady load with a client-side count: the only view of failures that matters."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.conftest import DOMAIN, Shop

_FINE = {"200", "201", "409"}
Target = tuple[str, str] | tuple[str, str, dict[str, int]]
"""A public name and a path; with a JSON object, a purchase."""


@dataclass
class Load:
    """What the clients saw: status codes, and errors by name."""

    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> dict[str, int]:
        """Everything but a page, a sale, or the word that the last one is sold."""
        return {name: count for name, count in self.outcomes.items() if name not in _FINE}

    @property
    def total(self) -> int:
        return sum(self.outcomes.values())


@contextmanager
def load(shop: Shop, *targets: Target, rate: float = 100, most: int = 20_000) -> Iterator[Load]:
    """Ask each target in turn, `rate` times a second in all, while the block runs; `most`
    requests at most.
    """
    seen, stop, ticket, lock = Load(), threading.Event(), itertools.count(), threading.Lock()
    begin = time.monotonic()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=15)
        while not stop.is_set():
            number = next(ticket)
            if number >= most or stop.wait(max(0.0, begin + number / rate - time.monotonic())):
                break
            host, path, *sale = targets[number % len(targets)]
            headers = {"Host": f"{host}.{DOMAIN}", "Content-Type": "application/json"}
            if sale:
                headers["Idempotency-Key"] = f"load-{number:06}"
            try:
                body = json.dumps(sale[0]) if sale else None
                connection.request("POST" if sale else "GET", path, body, headers)
                answer = connection.getresponse()
                answer.read()
                outcome = str(answer.status)
            except (OSError, http.client.HTTPException) as error:
                outcome = type(error).__name__
                connection.close()
            with lock:
                seen.outcomes[outcome] += 1
        connection.close()

    clients = [threading.Thread(target=client) for _ in range(16)]
    for thread in clients:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in clients:
            thread.join()
