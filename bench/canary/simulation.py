"""Simulated and recorded traffic of two versions, scrape by scrape.

A seed gives every rule the same traffic.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from math import log
from typing import NamedTuple

SCRAPE = 5.0
_USUAL = 0.001


class Shares(NamedTuple):
    """The shares of failed and slow requests of each version."""

    old: tuple[float, float] = (_USUAL, _USUAL)
    new: tuple[float, float] = (_USUAL, _USUAL)
    stops_after: float = float("inf")


SCENARIOS = {
    "good": Shares(),
    "1 % fail": Shares(new=(0.01, _USUAL)),
    "5 % fail": Shares(new=(0.05, _USUAL)),
    "5 % slow": Shares(new=(_USUAL, 0.05)),
    "50 % fail": Shares(new=(0.5, _USUAL)),
    "all fail": Shares(new=(1.0, 0.0)),
    "both 3 % bad": Shares(old=(0.03, _USUAL), new=(0.03, _USUAL)),
    "traffic stops": Shares(stops_after=30.0),
}


class RunResult(NamedTuple):
    """The end of a simulated or real shift, after how long, with how much harm."""

    end: str
    seconds: float
    harm: float


class RequestCounts(NamedTuple):
    """The results of requests to one version."""

    requests: int = 0
    failed: int = 0
    slow: int = 0

    def plus(self, other: RequestCounts) -> RequestCounts:
        return RequestCounts(*(a + b for a, b in zip(self, other, strict=True)))

    def minus(self, other: RequestCounts) -> RequestCounts:
        return RequestCounts(*(a - b for a, b in zip(self, other, strict=True)))


@dataclass
class SimulatedTraffic:
    """`old` and `new`: the counters at each scrape since the beginning, `every` seconds apart."""

    rate: float
    shares: Shares
    seed: int
    every: float = SCRAPE
    old: list[RequestCounts] = field(default_factory=lambda: [RequestCounts()])
    new: list[RequestCounts] = field(default_factory=lambda: [RequestCounts()])
    harm: float = 0.0
    _between: float = 0.0

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.rate} {self.shares} {self.seed}")  # noqa: S311

    @property
    def now(self) -> float:
        return (len(self.new) - 1) * self.every + self._between

    def scrape(self, weight: float) -> None:
        """Pass the time until the next scrape, with this share of requests to the new version."""
        old, new = self._pass(self.every, weight)
        self.old.append(self.old[-1].plus(old))
        self.new.append(self.new[-1].plus(new))

    def begin_at_a_scrape(self, weight: float) -> None:
        """Pass half an interval, the mean time until the first scrape with new weights. Requests
        until then are no evidence for a rule that begins there.
        """
        old, new = self._pass(self.every / 2, weight)
        self.old[-1], self.new[-1] = self.old[-1].plus(old), self.new[-1].plus(new)
        self._between += self.every / 2

    def _pass(self, seconds: float, weight: float) -> tuple[RequestCounts, RequestCounts]:
        stopped = self.now >= self.shares.stops_after
        requests = 0 if stopped else round(self._arrivals(seconds))
        to_new = self._of(requests, weight)
        old, new = self.outcomes(requests - to_new, to_new)
        self.harm += new.failed + new.slow - to_new * sum(self.shares.old)
        return old, new

    def ended(self, end: str) -> RunResult:
        return RunResult(end, self.now, self.harm)

    def _arrivals(self, seconds: float) -> float:
        mean = self.rate * seconds
        return max(0.0, self.chance.gauss(mean, mean**0.5))

    def outcomes(self, old: int, new: int) -> tuple[RequestCounts, RequestCounts]:
        """Return the results of so many requests to each version."""
        return self._drawn(old, *self.shares.old), self._drawn(new, *self.shares.new)

    def _drawn(self, requests: int, failing: float, slow: float) -> RequestCounts:
        failed = self._of(requests, failing)
        return RequestCounts(requests, failed, self._of(requests - failed, slow))

    def _of(self, number: int, share: float) -> int:
        """Draw from a binomial distribution, by the gaps between the rarer outcomes."""
        if share > 0.5:
            return number - self._of(number, 1 - share)
        if share <= 0 or number == 0:
            return 0
        hits, position = 0, 0.0
        while True:
            position += 1 + log(1 - self.chance.random()) // log(1 - share)
            if position > number:
                return hits
            hits += 1


Trace = list[RequestCounts]
"""One entry for each request, in the order of the answers."""


class Recording(NamedTuple):
    """The traces of both versions over the same time."""

    old: Trace
    new: Trace


@dataclass(kw_only=True)
class RecordedTraffic(SimulatedTraffic):
    """Replays each version's trace in a loop, from a moment that the seed chooses."""

    recording: Recording

    def __post_init__(self) -> None:
        super().__post_init__()
        self._at = [self.chance.randrange(len(trace)) for trace in self.recording]

    def outcomes(self, old: int, new: int) -> tuple[RequestCounts, RequestCounts]:
        return self._replay(0, old), self._replay(1, new)

    def _replay(self, version: int, requests: int) -> RequestCounts:
        trace, seen = self.recording[version], RequestCounts()
        for _ in range(requests):
            seen = seen.plus(trace[self._at[version] % len(trace)])
            self._at[version] += 1
        return seen


NOTHING_USUAL = Shares(old=(0.0, 0.0), new=(0.0, 0.0))
"""A recording contains all failures."""
