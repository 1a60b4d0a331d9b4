"""Requests that arrive at fixed times, whatever became of the ones before. Clients that wait for a
slow shop before they ask again would flatter it.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from load.client import LIMIT
from load.record import Record

LONGEST = 6 * LIMIT
"""Seconds that a page with all its redirects may take."""


class Actor(Protocol):
    """One client of some kind."""

    def act(self, due: float) -> None:
        """Make the request that comes next for this client, and record it."""

    def leave(self) -> None:
        """Close what is open."""


Factory = Callable[[int, Record], Actor]
"""Makes the n-th client of a kind."""
Mix = Sequence[tuple[str, Factory]]
"""Kinds of clients by name; a kind that is there twice asks twice as often."""


class Traffic:
    """`rate` requests a second in all, the kinds of `mix` in turn, for `seconds` or as
    long as the block runs.

    There are more threads than requests that are ever under way, unless the shop is in trouble.
    What could not be sent within the clients' patience counts as failed.
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

    def __enter__(self) -> Record:
        self._record = Record([kind for kind, _ in self._mix])
        for kind, make in self._mix:
            for _ in range(max(2, round(self._rate / 5 / len(self._mix)))):
                self._idle[kind].append(make(next(self._number), self._record))
        for thread in self._threads:
            thread.start()
        return self._record

    def __exit__(self, *_: object) -> None:
        """Let nothing arrive any more, and wait for the answers to what is under way."""
        self._stop.set()
        deadline = self._record.elapsed + LONGEST
        for thread in self._threads:
            thread.join(max(0.0, deadline - self._record.elapsed))
            if thread.is_alive():
                self._record.fails(self._mix[0][0], self._record.elapsed, "an answer without end")
        for idle in self._idle.values():
            for actor in idle:
                actor.leave()

    @property
    def over(self) -> bool:
        """Whether everything has arrived and is answered."""
        return not any(thread.is_alive() for thread in self._threads)

    def wait(self) -> None:
        """Until everything has arrived and is answered."""
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
                self._record.fails(kind, due, f"not sent: every client was busy for {LIMIT:g} s")
            else:
                self._act(kind, make, due)

    def _act(self, kind: str, make: Factory, due: float) -> None:
        """Let the client act that has been idle for longest, or one more if all are busy."""
        try:
            actor = self._idle[kind].popleft()
        except IndexError:
            actor = make(next(self._number), self._record)
        try:
            actor.act(due)
        except Exception as error:
            # Or a client that cannot cope with an answer would fall silent, and nobody would know.
            words = f"the client itself broke: {type(error).__name__}: {error}"
            self._record.fails(kind, due, words)
        self._idle[kind].append(actor)
