"""Send requests at fixed times, whether or not earlier ones are answered.

Clients that wait for a slow shop before the next request would make it look better than it is.
"""

import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from load.client import LIMIT
from load.stats import Recorder

LONGEST = 6 * LIMIT
"""Seconds that a page with all its redirects may take."""


class Actor(Protocol):
    """One client of some type."""

    def act(self, due: float) -> None:
        """Send the next request of this client, and record it."""

    def leave(self) -> None:
        """Close the connection."""


Factory = Callable[[int, Recorder], Actor]
"""Makes the n-th client of a type."""
Mix = Sequence[tuple[str, Factory]]
"""Types of clients by name; a type that is listed twice sends twice as often."""


class Traffic:
    """Sends `rate` requests a second, the types of `mix` in turn, for `seconds` or until the block
    ends.

    There are enough threads for a healthy shop. A request that no thread could send within the
    clients' time limit counts as failed.
    """

    def __init__(self, mix: Mix, rate: float, seconds: float = 3600) -> None:
        self._mix, self._rate, self._seconds = mix, rate, seconds
        self._ticket, self._number = itertools.count(), itertools.count()
        self._stop = threading.Event()
        self._idle: dict[str, deque[Actor]] = {kind: deque() for kind, _ in mix}
        self._threads = [
            threading.Thread(target=self._arrive, daemon=True)
            for _ in range(min(128, 8 + round(rate / 2)))
        ]

    def __enter__(self) -> Recorder:
        self._record = Recorder([kind for kind, _ in self._mix])
        for kind, make in self._mix:
            for _ in range(max(2, round(self._rate / 5 / len(self._mix)))):
                self._idle[kind].append(make(next(self._number), self._record))
        for thread in self._threads:
            thread.start()
        return self._record

    def __exit__(self, *_: object) -> None:
        """Send no more requests, and wait for the outstanding responses."""
        self._stop.set()
        deadline = self._record.elapsed + LONGEST
        for thread in self._threads:
            thread.join(max(0.0, deadline - self._record.elapsed))
            if thread.is_alive():
                self._record.add_failure(
                    self._mix[0][0], self._record.elapsed, "an answer without end"
                )
        for idle in self._idle.values():
            for actor in idle:
                actor.leave()

    @property
    def is_over(self) -> bool:
        """True once every request is sent and answered."""
        return not any(thread.is_alive() for thread in self._threads)

    def wait(self) -> None:
        """Wait until every request is sent and answered."""
        for thread in self._threads:
            thread.join()

    def _arrive(self) -> None:
        while not self._stop.is_set():
            ticket = next(self._ticket)
            due = ticket / self._rate
            wait = max(0.0, due - self._record.elapsed)
            if due >= self._seconds or self._stop.wait(wait):
                break
            kind, make = self._mix[ticket % len(self._mix)]
            if self._record.elapsed - due > LIMIT:
                self._record.add_failure(
                    kind, due, f"not sent: every client was busy for {LIMIT:g} s"
                )
            else:
                self._act(kind, make, due)

    def _act(self, kind: str, make: Factory, due: float) -> None:
        """Let the client act that was idle for the longest time; add a client if all are busy."""
        try:
            actor = self._idle[kind].popleft()
        except IndexError:
            actor = make(next(self._number), self._record)
        try:
            actor.act(due)
        except Exception as error:
            # A bug in a client must count as a failure, not reduce the traffic unnoticed.
            words = f"the client itself broke: {type(error).__name__}: {error}"
            self._record.add_failure(kind, due, words)
        self._idle[kind].append(actor)
