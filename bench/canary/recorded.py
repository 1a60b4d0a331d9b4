"""Replay request results that were recorded in a real shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.canary.simulation import RequestCounts, Shares, SimulatedTraffic

Trace = Sequence[RequestCounts]
"""One entry for each request, in the order of the answers."""


class Recording(NamedTuple):
    """The traces of both versions over the same time."""

    old: Trace
    new: Trace


@dataclass(kw_only=True)
class Recorded(SimulatedTraffic):
    """Replays each version's trace in a loop, from a moment that the seed chooses."""

    recording: Recording

    def __post_init__(self) -> None:
        super().__post_init__()
        self._at = [self.chance.randrange(len(trace)) for trace in self.recording]

    def outcomes(self, old: int, new: int) -> tuple[RequestCounts, RequestCounts]:
        return self._replayed(0, old), self._replayed(1, new)

    def _replayed(self, version: int, requests: int) -> RequestCounts:
        trace, seen = self.recording[version], RequestCounts()
        for _ in range(requests):
            seen = seen.plus(trace[self._at[version] % len(trace)])
            self._at[version] += 1
        return seen


NOTHING_USUAL = Shares(old=(0.0, 0.0), new=(0.0, 0.0))
"""A recording contains all failures."""
