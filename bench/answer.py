"""What a question found out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """Figures against an aim; `met` is None when nothing could be measured."""

    figures: str
    aim: str
    met: bool | None


class BenchError(Exception):
    """A question cannot be answered: one line that says why."""
