"""The results of all requests. All clients write at once; reading is safe at any time."""

from __future__ import annotations

import threading
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_FAILURES = 1000
"""Failures that are kept with their message; further ones are only counted."""


@dataclass(frozen=True)
class Failure:
    """A failed request. `at`: when it was due, in seconds since the traffic began."""

    at: float
    kind: str
    words: str

    def __str__(self) -> str:
        return f"at {self.at:.1f} s, {self.kind}: {self.words}"


@dataclass
class Stats:
    """The results of one type of clients. `due` and `took` have an entry for each request, in
    seconds; `took` counts from when it was due, since a shopper waits for a late client too.
    """

    due: array[float] = field(default_factory=lambda: array("f"))
    took: array[float] = field(default_factory=lambda: array("f"))
    failed: int = 0
    repeated: int = 0
    versions: Counter[int] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        return len(self.took)


class Recorder:
    """Records everything since the traffic began."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._begin = time.monotonic()
        self.kinds = {kind: Stats() for kind in dict.fromkeys(kinds)}
        self.failures: list[Failure] = []
        self.sold: Counter[str] = Counter()
        """Confirmed purchases, in pieces by t-shirt."""
        self.unsure: Counter[str] = Counter()
        """Purchases without a response, in pieces by t-shirt: they may or may not have happened."""

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
        """Requests without a response that were sent again under the same key."""
        return sum(seen.repeated for seen in self.kinds.values())

    def add_response(self, kind: str, due: float, version: int | None) -> None:
        """Count a successful request, and the version that answered if it is known."""
        with self._lock:
            seen = self._ended(kind, due)
            if version is not None:
                seen.versions[version] += 1

    def add_retry(self, kind: str) -> None:
        """Count an attempt without a response that the client repeats."""
        with self._lock:
            self.kinds[kind].repeated += 1

    def add_failure(self, kind: str, due: float, words: str) -> None:
        """Count a failed request."""
        with self._lock:
            self._ended(kind, due).failed += 1
            if len(self.failures) < MOST_FAILURES:
                self.failures.append(Failure(due, kind, words))

    def add_sale(self, t_shirt: str, quantity: int) -> None:
        with self._lock:
            self.sold[t_shirt] += quantity

    def add_unsure_sale(self, t_shirt: str, quantity: int) -> None:
        with self._lock:
            self.unsure[t_shirt] += quantity

    def _ended(self, kind: str, due: float) -> Stats:
        seen = self.kinds[kind]
        seen.due.append(due)
        seen.took.append(self.elapsed - due)
        return seen
