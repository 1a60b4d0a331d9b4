"""A steady load, counted and timed by its clients: the only view of failures that matters."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.shop import DOMAIN, Shop

CLIENTS = 16
PAGES = (
    ("catalog.v2", "/"),
    ("stock.v2", "/t-shirts"),
    ("catalog.v1", "/"),
    ("stock.v1", "/t-shirt"),
)


@dataclass(frozen=True)
class Reply:
    """The outcome is a status code or the name of an error. Seconds: `due` since the load began,
    `took` since it was due, for a client that is late to ask is time that a shopper waits.
    """

    host: str
    outcome: str
    due: float
    took: float


@dataclass
class Load:
    """What the clients saw so far."""

    begin: float
    replies: list[Reply] = field(default_factory=list)

    @property
    def elapsed(self) -> float:
        """Seconds since the load began."""
        return time.monotonic() - self.begin

    @property
    def failed(self) -> Counter[str]:
        """Everything but a 200."""
        return Counter(reply.outcome for reply in self.replies if reply.outcome != "200")


@contextmanager
def load(shop: Shop, *pages: tuple[str, str], rate: float, seconds: float) -> Iterator[Load]:
    """GET each (host, path) in turn, `rate` times a second in all, for `seconds`; the block ends
    when the last answer is there.
    """
    seen, stop, ticket = Load(time.monotonic()), threading.Event(), itertools.count()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=15)
        while not stop.is_set():
            number = next(ticket)
            due = number / rate
            if due >= seconds or stop.wait(max(0.0, due - seen.elapsed)):
                break
            host, path = pages[number % len(pages)]
            try:
                connection.request("GET", path, headers={"Host": f"{host}.{DOMAIN}"})
                answer = connection.getresponse()
                answer.read()
                outcome = str(answer.status)
            except (OSError, http.client.HTTPException) as error:
                outcome = type(error).__name__
                connection.close()
            seen.replies.append(Reply(host, outcome, due, seen.elapsed - due))
        connection.close()

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    try:
        yield seen
        for thread in clients:
            thread.join()
    finally:
        stop.set()
        for thread in clients:
            thread.join()
