"""Measures by how much raw counters rose, also when their processes restart.

PromQL's increase() extrapolates, and misses the first value of a new series: often the first error.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Values = tuple[float, ...]
"""Counters of one series that are read together, such as the buckets of a histogram."""


@dataclass(frozen=True)
class Scrape(Generic[Key]):
    """All counters of one process at one moment, and when the process started."""

    process: Hashable
    at: float
    started: float
    counters: Mapping[Key, Values]


@dataclass
class Meter(Generic[Key]):
    """Counts from the first scrape of each process after `since`."""

    since: float
    _last: dict[Hashable, Scrape[Key]] = field(default_factory=dict)

    def add(self, scrape: Scrape[Key]) -> dict[Key, Values] | None:
        """Return the increases: none for the first scrape of a process, None for an old scrape."""
        before = self._last.get(scrape.process)
        if scrape.at <= (before.at if before else self.since):
            return None
        self._last[scrape.process] = scrape
        if before is None:
            return {}
        known = before.counters if before.started == scrape.started else {}
        return {key: _risen(values, known.get(key)) for key, values in scrape.counters.items()}

    def newest(self) -> float | None:
        """Return the time of the latest scrape that counts."""
        return max((scrape.at for scrape in self._last.values()), default=None)


def _risen(now: Values, before: Values | None) -> Values:
    """Return the increases. If one counter fell, all began again from zero."""
    if before is None or any(a < b for a, b in zip(now, before, strict=True)):
        return now
    return tuple(a - b for a, b in zip(now, before, strict=True))
