"""The events of a shift: for the screen, and with JSON=1 as one object a line."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from canary_analysis import CountPair, Counts, Decision
from release.canary.decision import Step
from release.canary.observer import Observation


class Look(NamedTuple):
    """An observation after so many seconds of a step, and the verdict on it."""

    step: Step
    seconds: float
    observation: Observation
    decision: Decision


@dataclass(frozen=True)
class Event:
    """docs/shifting.md describes the fields. `kind`: begin, look, move, note or end."""

    kind: str
    old: int
    new: int
    weight: int
    text: str = ""
    look: Look | None = None
    at: float = field(default_factory=time.time)

    def as_json(self) -> dict[str, Any]:
        line: dict[str, Any] = {
            "at": round(self.at, 3),
            "event": self.kind,
            "from": self.old,
            "to": self.new,
            "weight": self.weight,
            "text": self.text,
        }
        if self.look:
            step, seconds, observation, decision = self.look
            line |= {
                "next": step.following,
                "step": step.number,
                "steps": step.of,
                "seconds": round(seconds, 1),
                **as_evidence(observation.pair, decision),
                "inside": {
                    str(version): asdict(view) if view else None
                    for version, view in observation.inside.items()
                },
            }
        return line


def as_evidence(pair: CountPair, decision: Decision) -> dict[str, Any]:
    """Return counts and verdict as JSON; the entry point records it with the move."""
    allowed = decision.allowed
    return {
        "verdict": str(decision.verdict),
        "reason": decision.reason,
        "old": _counts(pair.old),
        "new": _counts(pair.new),
        "low": round(decision.low, 5),
        "high": round(decision.high, 5),
        "allowed": None if allowed is None else round(allowed, 5),
    }


def _counts(counts: Counts) -> dict[str, int]:
    return {name: round(value) for name, value in asdict(counts).items()}
