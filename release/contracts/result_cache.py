"""Keeps verification results by content, so that nothing is verified twice.

Each result is a small file, named by a hash of everything that the result depends on.
"""

import hashlib
import json
import platform
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from release import files, paths
from release.contracts.consumers import Consumer
from release.contracts.provider import Provider
from release.images import contents

MAX_FILES = 2000
"""The oldest are removed first."""


class Outcome(StrEnum):
    """True compatibility, or UNKNOWN, which is never taken for a yes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class VerificationResult:
    """Whether a consumer can live with a version of stock. `reason` is one line: the first
    interaction that fails, or why the outcome is unknown.
    """

    consumer: Consumer
    provider_version: int
    outcome: Outcome
    reason: str = ""

    @property
    def needed(self) -> bool:
        """True if the two live together: only YES will do."""
        return self.consumer.needs == self.provider_version

    @property
    def compatible(self) -> bool:
        return self.outcome is Outcome.YES

    def __str__(self) -> str:
        reason = f": {self.reason}" if self.reason else ""
        return f"{self.consumer.name} with stock v{self.provider_version}: {self.outcome}{reason}"


def folder() -> Path:
    """Return the default folder of results. Git ignores it, and copies of the project may share it,
    since every file is named by its content.
    """
    return paths.tools_folder() / "verdicts"


def load(consumer: Consumer, provider: Provider, cache: Path) -> VerificationResult | None:
    """Return the result for exactly this content, or None if there is none that can be read."""
    try:
        found = json.loads(_file(consumer, provider, cache).read_bytes())
        outcome, reason = Outcome(found["outcome"]), str(found["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return VerificationResult(consumer, provider.version, outcome, reason)


def save(result: VerificationResult, provider: Provider, cache: Path) -> None:
    """Keep a result, unless it is UNKNOWN: the obstacle may be gone next time."""
    if result.outcome is Outcome.UNKNOWN:
        return
    document = {
        "consumer": result.consumer.name,
        "provider": f"stock v{provider.version}",
        "outcome": result.outcome,
        "reason": result.reason,
    }
    files.write(_file(result.consumer, provider, cache), json.dumps(document, indent=2) + "\n")
    for path in sorted(cache.glob("*.json"), key=_modified)[:-MAX_FILES]:
        path.unlink(missing_ok=True)


def _file(consumer: Consumer, provider: Provider, cache: Path) -> Path:
    """Name everything that a result depends on: the pact, stock, its states, and the verifier."""
    facts = (
        consumer.pact.digest,
        provider.digest,
        str(provider.version),
        contents.hash_folders(provider.verifying),
        paths.requirements("verify").read_text(),
        Path(__file__).with_name("verification.py").read_text(),
        platform.python_version(),
    )
    return cache / f"{hashlib.sha256(' '.join(facts).encode()).hexdigest()[:32]}.json"


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0  # Another process removes old results, too.
