"""The stages of the pipeline, and a run of them: after a failure only the last steps follow.

Each stage calls targets of the Makefile. tests/jenkins compares the Jenkinsfile with this list.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum

DOCKER, REPOSITORIES = "docker", "repositories"
Make = Callable[[str, Mapping[str, str]], bool]
"""Calls a target with further variables, and returns False if it failed."""
Needs = Callable[[str], AbstractContextManager[str]]
"""Provides what a stage needs while it runs; yields why that is impossible, or an empty text."""


@dataclass(frozen=True)
class Stage:
    """A stage, with the targets of the Makefile or the commands that do it.

    `wants`: a variable without which it is left out. `needs`: DOCKER, REPOSITORIES or nothing.
    """

    name: str
    targets: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    wants: str = ""
    needs: str = ""


STAGES = (
    Stage("Checkout", ("deploy",), {"DRY_RUN": "1"}),
    Stage("Lint and test", ("lint", "test")),
    Stage("Contracts", ("contracts",)),
    Stage("Publish contracts", ("contracts",), {"PUBLISH": "1"}, wants="PACT_BROKER_BASE_URL"),
    Stage("Build images", ("images",), {"PUSH": "0"}, needs=DOCKER),
    Stage("Push images", ("images",), {"PUSH": "1"}, wants="PUSH", needs=DOCKER),
    Stage("Build and push chart repositories", ("chart-repos",), needs=DOCKER),
    Stage("Helm dependencies", ("helm-dependencies",), needs=REPOSITORIES),
    Stage("May we release?", ("deploy",), {"DRY_RUN": "1"}),
    Stage("Deploy release", ("deploy",)),
    Stage("Smoke test", ("smoke-test",)),
    Stage("Merge and shift", ("merge", "shift"), wants="SHIFT"),
)
DEPLOY = "Deploy release"
"""After this stage a failure returns the release to what it was."""


class StageOutcome(StrEnum):
    DONE, FAILED, LEFT_OUT, NOT_REACHED = "done", "failed", "left out", "not reached"


@dataclass(frozen=True)
class StageResult:
    """The outcome of a stage, its seconds, and why it was left out."""

    stage: str
    outcome: StageOutcome
    seconds: float = 0.0
    why: str = ""


def run_stages(make: Make, needs: Needs, is_set: Callable[[str], bool]) -> list[StageResult]:
    """Run the stages and return the result of each; `is_set` tells if a variable was given."""
    results: list[StageResult] = []
    failed = ""
    for stage in STAGES:
        if failed:
            result = StageResult(stage.name, StageOutcome.NOT_REACHED)
        elif stage.wants and not is_set(stage.wants):
            why = f"{stage.wants} is not set"
            result = StageResult(stage.name, StageOutcome.LEFT_OUT, why=why)
        else:
            result = _run(stage, make, needs)
        results.append(result)
        if result.outcome is StageOutcome.FAILED:
            failed = stage.name
    make("report", {})
    if failed:
        names = [stage.name for stage in STAGES]
        if names.index(failed) > names.index(DEPLOY):
            make("undo", {})
        make("notify", {"MESSAGE": f"The pipeline failed at '{failed}'."})
    return results


def _run(stage: Stage, make: Make, needs: Needs) -> StageResult:
    begin = time.monotonic()
    with needs(stage.needs) as missing:
        if missing:
            return StageResult(stage.name, StageOutcome.LEFT_OUT, why=missing)
        done = all(make(target, stage.variables) for target in stage.targets)
    outcome = StageOutcome.DONE if done else StageOutcome.FAILED
    return StageResult(stage.name, outcome, time.monotonic() - begin)
