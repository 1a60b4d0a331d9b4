"""Verdicts, kept by content: the same pact, provider, states and verifier are not asked twice.

Each is a small file, named by a hash of all it depends on and written in one step.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from release import files, paths
from release.contracts.consumers import Consumer
from release.contracts.provider import Provider, judge

MOST = 2000
"""Files that are kept; the oldest go first."""


class Outcome(StrEnum):
    """Whether a consumer can live with a provider. UNKNOWN is not a kind of yes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class VerificationResult:
    """`reason` is one line: the first interaction that fails, or why nothing is known."""

    consumer: str
    provider: str
    outcome: Outcome
    reason: str = ""

    @property
    def compatible(self) -> bool:
        return self.outcome is Outcome.YES

    def __str__(self) -> str:
        told = f": {self.reason}" if self.reason else ""
        return f"{self.consumer} with {self.provider}: {self.outcome}{told}"


def folder() -> Path:
    """Where verdicts are kept unless a caller says otherwise: beside the tools, ignored by git.

    What is named by its content is true for every copy of the project that shares the folder.
    """
    return paths.tools_folder() / "verdicts"


def recall(consumer: Consumer, provider: Provider, kept: Path) -> VerificationResult | None:
    """The verdict on exactly this content, None when there is none that can be read."""
    try:
        found = json.loads(_file(consumer, provider, kept).read_bytes())
        outcome, reason = Outcome(found["outcome"]), str(found["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return VerificationResult(consumer.name, provider.name, outcome, reason)


def keep(consumer: Consumer, provider: Provider, verdict: VerificationResult, kept: Path) -> None:
    """Remember a verdict. UNKNOWN is not kept: what was in the way may be gone next time."""
    if verdict.outcome is Outcome.UNKNOWN:
        return
    document = {
        "consumer": consumer.name,
        "provider": provider.name,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "pact": consumer.pact.digest,
        "image": provider.digest,
        "judge": judge(provider),
    }
    files.write(_file(consumer, provider, kept), json.dumps(document, indent=2) + "\n")
    _prune(kept)


def _file(consumer: Consumer, provider: Provider, kept: Path) -> Path:
    facts = (consumer.pact.digest, provider.digest, str(provider.version), judge(provider))
    return kept / f"{hashlib.sha256(' '.join(facts).encode()).hexdigest()[:32]}.json"


def _prune(kept: Path) -> None:
    def age(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except OSError:
            return 0  # somebody else prunes as well

    for path in sorted(kept.glob("*.json"), key=age)[:-MOST]:
        path.unlink(missing_ok=True)
