"""What the benchmark of the matrix measures: all pairs verified, then none."""

from __future__ import annotations

from release import paths
from release.contracts import timing
from release.contracts.consumers import everybody


def test_everything_is_verified_and_then_nothing() -> None:
    took = timing.measure()
    assert took.pairs == len(everybody()) * len(paths.known_versions())
    assert took.again == 0
    assert min(took.cold, took.unchanged) > 0
