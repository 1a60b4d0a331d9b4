"""What the clients saw. Written by all of them at once, readable at any time."""

from __future__ import annotations

import threading
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_FAILURES = 1000
"""Failures that are kept in words; beyond them they are only counted."""


@dataclass(frozen=True)
class Failure:
    """`at` is when the request was due, in seconds since the traffic began."""

    at: float
    kind: str
    words: str

    def __str__(self) -> str:
        return f"at {self.at:.1f} s, {self.kind}: {self.words}"


@dataclass
class Seen:
    """By one kind of clients. `due` and `took` have an entry for each request, in seconds; `took`
    counts from when it was due, for a client that is late to ask is time that a shopper waits.
    """

    due: array[float] = field(default_factory=lambda: array("f"))
    took: array[float] = field(default_factory=lambda: array("f"))
    failed: int = 0
    repeated: int = 0
    versions: Counter[int] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        return len(self.took)


class Record:
    """Everything that was seen since the traffic began."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._begin = time.monotonic()
        self.kinds = {kind: Seen() for kind in dict.fromkeys(kinds)}
        self.failures: list[Failure] = []
        self.sold: Counter[str] = Counter()
        """Pieces by t-shirt that a client knows to have bought."""
        self.unsure: Counter[str] = Counter()
        """Pieces by t-shirt that were asked for without an answer: bought or not."""

    @property
    def elapsed(self) -> float:
        """Seconds since the traffic began."""
        return time.monotonic() - self._begin

    @property
    def requests(self) -> int:
        return sum(seen.requests for seen in self.kinds.values())

    @property
    def failed(self) -> int:
        return sum(seen.failed for seen in self.kinds.values())

    @property
    def repeated(self) -> int:
        """Requests that had no answer and were sent again under the same key."""
        return sum(seen.repeated for seen in self.kinds.values())

    def answered(self, kind: str, due: float, version: int | None) -> None:
        """A request has the answer that it hoped for, from this version if the answer tells."""
        with self._lock:
            seen = self._ended(kind, due)
            if version is not None:
                seen.versions[version] += 1

    def repeats(self, kind: str) -> None:
        """An attempt had no answer, and the client asks once more."""
        with self._lock:
            self.kinds[kind].repeated += 1

    def fails(self, kind: str, due: float, words: str) -> None:
        """A request failed."""
        with self._lock:
            self._ended(kind, due).failed += 1
            if len(self.failures) < MOST_FAILURES:
                self.failures.append(Failure(due, kind, words))

    def bought(self, t_shirt: str, quantity: int) -> None:
        with self._lock:
            self.sold[t_shirt] += quantity

    def may_have_bought(self, t_shirt: str, quantity: int) -> None:
        with self._lock:
            self.unsure[t_shirt] += quantity

    def _ended(self, kind: str, due: float) -> Seen:
        seen = self.kinds[kind]
        seen.due.append(due)
        seen.took.append(self.elapsed - due)
        return seen
