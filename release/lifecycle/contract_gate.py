"""May this release go out? Only when all who live with its stock are verified against it.

For exactly this content: what is not known yet is verified first, which takes seconds.
"""

from __future__ import annotations

from release import contracts
from release.console import step
from release.errors import RefusedError


def check(version: int) -> None:
    """Raises RefusedError naming whose contract breaks, and at which interaction."""
    # Without a pact of its own catalog, a version that nobody else needs would pass unasked.
    contracts.compatible(version, version, verify=False)
    known = contracts.everybody_needing(version)
    if any(need.verdict.outcome == contracts.Outcome.UNKNOWN for need in known):
        with step("verifying contracts"):
            known = contracts.everybody_needing(version, verify=True)
    broken = [need for need in known if not need.verdict.compatible]
    if broken:
        raise RefusedError("; ".join(_line(need) for need in broken))


def _line(need: contracts.Need) -> str:
    words = {contracts.Outcome.NO: "its contract fails", contracts.Outcome.UNKNOWN: "nobody knows"}
    whose = f"{need.consumer} ({need.contact})" if need.contact else need.consumer
    return f"{whose}: {words[need.verdict.outcome]}: {need.verdict.reason}"
