"""The stages, in order. tests/jenkins holds the Jenkinsfile against this list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stage:
    """A stage that a person recognises, and the targets of the Makefile or commands that do it.

    `wants`: a variable without which it is left out. `needs`: what this machine must have for it.
    """

    name: str
    targets: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    wants: str = ""
    needs: str = ""


DOCKER, REPOSITORIES = "docker", "repositories"

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
