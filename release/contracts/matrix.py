"""Every consumer against every version of stock."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from release import paths
from release.contracts import result_cache
from release.contracts.consumers import Consumer, everybody
from release.contracts.provider import provider
from release.contracts.result_cache import Outcome, VerificationResult
from release.contracts.verification import all_verified


@dataclass(frozen=True)
class Pair:
    """A consumer, a version of stock, and whether they go together."""

    consumer: Consumer
    provider_version: int
    verdict: VerificationResult

    @property
    def needed(self) -> bool:
        """Whether the two live together, so that anything but yes is bad news."""
        return self.consumer.needs == self.provider_version


def matrix(
    consumers: Iterable[Consumer] | None = None,
    versions: Iterable[int] | None = None,
    kept: Path | None = None,
) -> tuple[Pair, ...]:
    """Verify what was not verified yet, as many pairs at a time as there are processors.

    A version that somebody needs and that is not there is a pair as well, and a no.
    """
    asked = tuple(everybody() if consumers is None else consumers)
    there = tuple(paths.known_versions() if versions is None else versions)
    with ExitStack() as stack:
        providers = [stack.enter_context(provider(version)) for version in there]
        judged = all_verified(product(asked, providers), kept or result_cache.folder())
    found = (Pair(consumer, against.version, verdict) for consumer, against, verdict in judged)
    return (*found, *(_absent(consumer) for consumer in asked if consumer.needs not in there))


def _absent(consumer: Consumer) -> Pair:
    verdict = VerificationResult(
        consumer.name, f"stock v{consumer.needs}", Outcome.NO, "there is no such stock"
    )
    return Pair(consumer, consumer.needs, verdict)


def as_json(pairs: Iterable[Pair]) -> dict[str, Any]:
    """{"pairs": [{"consumer", "contact", "needs", "provider", "outcome", "reason"}]}"""
    return {
        "pairs": [
            {
                "consumer": pair.consumer.name,
                "contact": pair.consumer.contact,
                "needs": pair.consumer.needs,
                "provider": pair.provider_version,
                "outcome": str(pair.verdict.outcome),
                "reason": pair.verdict.reason,
            }
            for pair in pairs
        ]
    }
