"""Traffic whose outcomes were recorded in a real shop, instead of drawn from a distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.canary.traffic import Seen, Shares, Traffic

Trace = Sequence[Seen]
"""One entry for each request, in the order in which they were answered."""


class Recording(NamedTuple):
    """What was seen of each version at the same time."""

    old: Trace
    new: Trace


@dataclass(kw_only=True)
class Recorded(Traffic):
    """Each version's outcomes in the order of its recording, from a moment that the seed chooses,
    and from its beginning again when it is at its end.
    """

    recording: Recording

    def __post_init__(self) -> None:
        super().__post_init__()
        self._at = [self.chance.randrange(len(trace)) for trace in self.recording]

    def outcomes(self, old: int, new: int) -> tuple[Seen, Seen]:
        return self._replayed(0, old), self._replayed(1, new)

    def _replayed(self, version: int, requests: int) -> Seen:
        trace, seen = self.recording[version], Seen()
        for _ in range(requests):
            seen = seen.plus(trace[self._at[version] % len(trace)])
            self._at[version] += 1
        return seen


NOTHING_USUAL = Shares(old=(0.0, 0.0), new=(0.0, 0.0))
"""Recordings say themselves what fails."""
