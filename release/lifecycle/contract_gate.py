"""The contract gate of a deploy: every consumer of the release's stock must be verified against it.

The gate asks about exactly this content. A missing verification takes seconds and is made first.
"""

from __future__ import annotations

from release import contracts
from release.console import note, step
from release.errors import RefusedError


def check(version: int, force: str = "") -> str:
    """Return the reason for which the gate was overridden, or "" when it had no objection.

    Raises RefusedError naming each broken contract with its owner and the failing interaction.
    """
    # Verify the version's own catalog too: without a pact it would go out unchecked.
    contracts.compatible(version, version, verify=False)
    needs = contracts.everybody_needing(version)
    if any(need.verdict.outcome == contracts.Outcome.UNKNOWN for need in needs):
        with step("verifying contracts"):
            needs = contracts.everybody_needing(version, verify=True)
    broken = "; ".join(_describe(need) for need in needs if not need.verdict.compatible)
    if not broken:
        return ""
    if not force:
        raise RefusedError(f'{broken}; to release all the same: FORCE="why"')
    note(f"forced ({force}), although {broken}")
    return force


def _describe(need: contracts.Need) -> str:
    words = {contracts.Outcome.NO: "its contract fails", contracts.Outcome.UNKNOWN: "nobody knows"}
    consumer = f"{need.consumer} ({need.contact})" if need.contact else need.consumer
    return f"{consumer}: {words[need.verdict.outcome]}: {need.verdict.reason}"
