"""How long does the whole matrix of contracts take, and how long when nothing has changed?"""

from __future__ import annotations

from bench.answer import Answer
from release.contracts import timing

SECONDS, SHARE = 1.0, 0.05


def measure() -> Answer:
    """Every consumer against every stock, with nothing known, and again.

    The second is what a gate costs that has nothing to verify. It must be short, and a small part
    of the first on whatever machine.
    """
    took = timing.measure()
    share = took.unchanged / took.cold
    return Answer(
        f"{took.pairs} pairs, cold {took.cold:.1f} s, unchanged {took.unchanged:.2f} s "
        f"({share:.1%} of it)",
        f"unchanged {SECONDS:g} s and {SHARE:.0%} at most",
        took.unchanged <= SECONDS and share <= SHARE,
    )
