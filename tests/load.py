"""A steady load with a client-side count: the only view of failures that matters."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.conftest import DOMAIN, Shop


@dataclass
class Load:
    """What the clients saw: status codes, and errors by name."""

    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> dict[str, int]:
        """Everything but a 200."""
        return {outcome: count for outcome, count in self.outcomes.items() if outcome != "200"}

    @property
    def total(self) -> int:
        return sum(self.outcomes.values())


@contextmanager
def load(
    shop: Shop, *targets: tuple[str, str], rate: float = 100, most: int = 20_000
) -> Iterator[Load]:
    """GET each (host, path) in turn, `rate` times a second in all, while the block runs; `most`
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
            host, path = targets[number % len(targets)]
            try:
                connection.request("GET", path, headers={"Host": f"{host}.{DOMAIN}"})
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
