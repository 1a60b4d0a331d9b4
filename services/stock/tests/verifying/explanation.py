"""The verifier's results in one line: the first interaction that fails, and how.

The verifier accepts a pact that has no interactions, only messages or only pending interactions.
Here such a pact is not verified.
"""

from collections.abc import Mapping
from typing import Any

ORDER = ("StatusMismatch", "BodyTypeMismatch", "BodyMismatch", "HeaderMismatch")
"""The most telling difference comes first."""


def explain(results: Mapping[str, Any], expected: int) -> tuple[str, str]:
    """Return the outcome, yes, no or unknown, and the reason.

    `expected` is the number of interactions. A response that differs is a no; without a response,
    or if a state cannot be set up, the outcome is unknown.
    """
    judged = [result for result in results["interactionResults"] if not result["pending"]]
    failed = [result for result in judged if result["result"] != "OK"]
    for result in sorted(failed, key=lambda result: not _differs(result)):
        reason = f"{result['description']}: {_difference(result['mismatch'])}"
        return ("no" if _differs(result) else "unknown"), reason
    for error in results["errors"]:
        if error["interaction"] == "Failed to load pact":
            return "no", "the verifier cannot read it as a pact"
        return "unknown", f"{error['interaction']}: {_difference(error['mismatch'])}"
    seen = len(results["interactionResults"])
    if not results["result"] or seen != expected:
        return "unknown", f"the verifier looked at {seen} of {expected} interactions"
    if not judged:
        return "no", "every interaction is pending: nothing is verified"
    return "yes", ""


def _differs(result: Mapping[str, Any]) -> bool:
    return bool(result["mismatch"].get("mismatches"))


def _difference(mismatch: Mapping[str, Any]) -> str:
    differences = sorted(mismatch.get("mismatches", []), key=_weight)
    if not differences:
        return str(mismatch.get("message", mismatch))
    worst = differences[0]
    if worst["type"] == "StatusMismatch":
        return f"expected status {worst['expected']}, got {worst['actual']}"
    where = f" at {worst['path']}" if worst.get("path") else ""
    text = worst.get("mismatch") or f"expected {worst['expected']}, got {worst['actual']}"
    return f"{text}{where}"


def _weight(difference: Mapping[str, Any]) -> int:
    kind = difference["type"]
    return ORDER.index(kind) if kind in ORDER else len(ORDER)
