"""The verifier's results in one line: which interaction fails first, what was expected, what came.

The verifier itself succeeds when a pact has no interactions, only messages or only pending ones:
what was not seen to hold does not hold here.
"""

from collections.abc import Mapping
from typing import Any

LONGEST = 300
ORDER = ("StatusMismatch", "BodyTypeMismatch", "BodyMismatch", "HeaderMismatch")
"""The most telling difference comes first."""


def explain(results: Mapping[str, Any], expected: int) -> str:
    """Why the pact does not hold, "" when it does; `expected` is how many interactions it has."""
    judged = [result for result in results["interactionResults"] if not result["pending"]]
    for result in judged:
        if result["result"] != "OK":
            return _one_line(f"{result['description']}: {_difference(result['mismatch'])}")
    for error in results["errors"]:
        return _one_line(f"{error['interaction']}: {_difference(error['mismatch'])}")
    if not results["result"]:
        return "the verifier failed and does not say why"
    if len(results["interactionResults"]) != expected:
        seen = len(results["interactionResults"])
        return f"the verifier looked at {seen} of {expected} interactions"
    return "" if judged else "no interaction that counts (all are pending): nothing is verified"


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


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
