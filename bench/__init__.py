"""Benchmarks: the figures that the project promises, measured within one run on this machine.

Each module answers one or two questions with `measure() -> Measurement`. These are no tests: a busy
machine changes the figures, so the load average is shown with them.
"""

from dataclasses import dataclass

# Imported before everything else: release puts packages/ on the path.
from release.errors import ReleaseError


@dataclass(frozen=True)
class Measurement:
    """Figures against an aim; `met` is None when nothing could be measured."""

    figures: str
    aim: str
    met: bool | None


class BenchError(ReleaseError):
    """A question cannot be answered: one line that says why."""
