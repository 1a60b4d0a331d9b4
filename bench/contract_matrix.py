"""Time the whole matrix of contracts, and again when nothing has changed."""

from __future__ import annotations

from bench import Measurement
from release.contracts import timing

SECONDS, SHARE = 1.0, 0.05


def measure() -> Measurement:
    """Verify every consumer against every stock without a cache, and again with it.

    The second time is the cost of a gate that has nothing to verify.
    """
    took = timing.measure()
    share = took.unchanged / took.cold
    return Measurement(
        f"{took.pairs} pairs, cold {took.cold:.1f} s, unchanged {took.unchanged:.2f} s "
        f"({share:.1%} of it)",
        f"unchanged {SECONDS:g} s and {SHARE:.0%} at most",
        took.unchanged <= SECONDS and share <= SHARE,
    )
