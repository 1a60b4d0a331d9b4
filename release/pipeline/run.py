"""Runs the stages one after the other; the first that fails is the last, but for what always runs.

What a stage does and what it says is the target's own: this only decides whether it may begin.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum

from release.pipeline.stages import DEPLOY, STAGES, Stage

Make = Callable[[str, Mapping[str, str]], bool]
"""Calls a target with further variables; whether it did what was asked."""
Needs = Callable[[str], AbstractContextManager[str]]
"""Provides what a stage needs while it runs; says why that cannot be had, or nothing."""


class StageOutcome(StrEnum):
    DONE, FAILED, LEFT_OUT, NOT_REACHED = "done", "failed", "left out", "not reached"


@dataclass(frozen=True)
class Result:
    """What became of a stage, how long it took, and why it was left out."""

    stage: str
    outcome: StageOutcome
    seconds: float = 0.0
    why: str = ""


def run(make: Make, needs: Needs, given: Callable[[str], bool]) -> list[Result]:
    """The result of every stage. `given`: whether the caller set a variable."""
    results: list[Result] = []
    for stage in STAGES:
        if any(result.outcome is StageOutcome.FAILED for result in results):
            results.append(Result(stage.name, StageOutcome.NOT_REACHED))
        elif stage.wants and not given(stage.wants):
            results.append(
                Result(stage.name, StageOutcome.LEFT_OUT, why=f"{stage.wants} is not set")
            )
        else:
            results.append(_run(stage, make, needs))
    failed = next((result for result in results if result.outcome is StageOutcome.FAILED), None)
    make("report", {})
    if failed:
        names = [stage.name for stage in STAGES]
        if names.index(failed.stage) > names.index(DEPLOY):
            make("undo", {})
        make("notify", {"MESSAGE": f"The pipeline failed at '{failed.stage}'."})
    return results


def _run(stage: Stage, make: Make, needs: Needs) -> Result:
    begun = time.monotonic()
    with needs(stage.needs) as missing:
        if missing:
            return Result(stage.name, StageOutcome.LEFT_OUT, why=missing)
        done = all(make(target, stage.variables) for target in stage.targets)
    outcome = StageOutcome.DONE if done else StageOutcome.FAILED
    return Result(stage.name, outcome, time.monotonic() - begun)
