"""Time the whole matrix of contracts, and again when nothing has changed."""

import tempfile
import time
from pathlib import Path

from bench import Measurement
from release.contracts import verify_matrix
from release.toolchain.virtualenvs import ensure_virtualenv

SECONDS, SHARE = 1.0, 0.05


def measure() -> Measurement:
    """Verify every consumer against every stock without a cache, and again with it.

    The second time is the cost of a gate that has nothing to verify.
    """
    ensure_virtualenv("verify")
    with tempfile.TemporaryDirectory() as cache:
        cold, pairs = _time_matrix(Path(cache))
        unchanged, _ = _time_matrix(Path(cache))
    share = unchanged / cold
    return Measurement(
        f"{pairs} pairs, cold {cold:.1f} s, unchanged {unchanged:.2f} s ({share:.1%} of it)",
        f"unchanged {SECONDS:g} s and {SHARE:.0%} at most",
        unchanged <= SECONDS and share <= SHARE,
    )


def _time_matrix(cache: Path) -> tuple[float, int]:
    begin = time.monotonic()
    pairs = verify_matrix(cache=cache)
    return time.monotonic() - begin, len(pairs)
