"""The contract gate of a deploy: every consumer of the release's stock must be verified against it.

The gate asks about exactly this content. A missing verification takes seconds and is made first.
"""

from release import contracts
from release.console import note, step
from release.errors import RefusedError


def check(version: int, force: str = "") -> str:
    """Return the reason for which the gate was overridden, or "" when it had no objection.

    Raises RefusedError naming each broken contract with its owner and the failing interaction.
    """
    # Refuse a version whose own catalog has no pact: it would go out unchecked.
    contracts.catalog_consumer(version)
    results = contracts.check_consumers(version)
    if any(each.outcome is contracts.Outcome.UNKNOWN for each in results):
        with step("verifying contracts"):
            results = contracts.check_consumers(version, verify=True)
    broken = "; ".join(_describe(each) for each in results if not each.compatible)
    if not broken:
        return ""
    if not force:
        raise RefusedError(f'{broken}; to release all the same: FORCE="why"')
    note(f"forced ({force}), although {broken}")
    return force


def _describe(result: contracts.VerificationResult) -> str:
    words = {contracts.Outcome.NO: "its contract fails", contracts.Outcome.UNKNOWN: "nobody knows"}
    consumer = f"{result.consumer.name} ({result.consumer.contact})"
    return f"{consumer}: {words[result.outcome]}: {result.reason}"
