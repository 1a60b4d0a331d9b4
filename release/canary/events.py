"""What a shift tells while it works: for the screen, and with JSON=1 as one object a line."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from canary_analysis import Counts, Decision, Pair
from release.canary.judging import Stage
from release.canary.watching import Glance


@dataclass(frozen=True)
class Event:
    """docs/shifting.md describes the fields. `kind`: begin, look, move, note or end."""

    kind: str
    old: int
    new: int
    weight: int
    text: str = ""
    stage: Stage | None = None
    seconds: float = 0.0
    glance: Glance | None = None
    decision: Decision | None = None
    at: float = field(default_factory=time.time)

    def judged(self, decision: Decision) -> Event:
        return replace(self, decision=decision)

    def as_json(self) -> dict[str, Any]:
        line: dict[str, Any] = {
            "at": round(self.at, 3),
            "event": self.kind,
            "from": self.old,
            "to": self.new,
            "weight": self.weight,
            "text": self.text,
        }
        if self.stage and self.glance and self.decision:
            line |= {
                "next": self.stage.following,
                "step": self.stage.number,
                "steps": self.stage.of,
                "seconds": round(self.seconds, 1),
                **findings(self.glance.pair, self.decision),
                "inside": {
                    str(version): asdict(found) if found else None
                    for version, found in self.glance.inside.items()
                },
            }
        return line


def findings(pair: Pair, decision: Decision) -> dict[str, Any]:
    """What a move is recorded with, too."""
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
