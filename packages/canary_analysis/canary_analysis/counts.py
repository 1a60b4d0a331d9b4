"""Counts of the requests of two versions that share the traffic."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from math import isfinite


@dataclass(frozen=True)
class Counts:
    """Requests of one version. The three kinds of bad ones do not overlap."""

    requests: float = 0.0
    failed: float = 0.0
    """Answered with 5xx, or without an answer."""
    slow: float = 0.0
    """Answered, but late."""
    wrong: float = 0.0
    """Refused in time, as if the client had requested something that does not exist."""

    @property
    def bad(self) -> float:
        return self.failed + self.slow + self.wrong

    @property
    def severe(self) -> float:
        """Bad requests without refusals, since a scanner can cause any number of refusals."""
        return self.failed + self.slow

    @property
    def share(self) -> float:
        """The share of bad requests."""
        return self.bad / self.requests if self.requests else 0.0

    @property
    def credible(self) -> bool:
        """False for counts that cannot be: the counters were read at different times."""
        parts = astuple(self)
        return all(isfinite(part) and part >= 0 for part in parts) and self.bad <= self.requests

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class CountPair:
    """Both versions over the same time, on the same route."""

    old: Counts
    new: Counts

    @property
    def credible(self) -> bool:
        return self.old.credible and self.new.credible

    def __add__(self, other: CountPair) -> CountPair:
        return CountPair(self.old + other.old, self.new + other.new)
