"""How long the matrix takes, for the benchmarks."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from release.contracts.matrix import matrix
from release.toolchain.virtualenvs import ensure_virtualenv


@dataclass(frozen=True)
class Timing:
    """Seconds for all pairs with nothing known, and again with everything known; `again` is how
    many were verified then all the same.
    """

    pairs: int
    cold: float
    unchanged: float
    again: int


def measure() -> Timing:
    """Both, with verdicts in a folder of their own; the verifier's environment is made before."""
    ensure_virtualenv("verify")
    with tempfile.TemporaryDirectory() as kept:
        cold, pairs = _timed(Path(kept))
        before = _written(Path(kept))
        unchanged, _ = _timed(Path(kept))
        again = len(_written(Path(kept)) - before)
    return Timing(pairs, cold, unchanged, again)


def _written(kept: Path) -> set[tuple[str, int]]:
    """Every verdict, and when it was written."""
    return {(path.name, path.stat().st_mtime_ns) for path in kept.iterdir()}


def _timed(kept: Path) -> tuple[float, int]:
    begin = time.monotonic()
    pairs = matrix(kept=kept)
    return time.monotonic() - begin, len(pairs)
