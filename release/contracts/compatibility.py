"""What gates ask: may these two be released together, and who still needs a version of stock?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from release.contracts import result_cache
from release.contracts.consumers import Consumer, catalog, everybody
from release.contracts.provider import Provider, provider
from release.contracts.result_cache import Outcome, VerificationResult
from release.contracts.verification import all_verified, known

NOT_YET = "not verified yet for exactly this content: make contracts"


@dataclass(frozen=True)
class Need:
    """Somebody who lives with a version of stock, and whether that version suits them."""

    consumer: str
    contact: str
    verdict: VerificationResult


def compatible(
    consumer_version: int, provider_version: int, *, verify: bool, kept: Path | None = None
) -> VerificationResult:
    """Whether this catalog can live with this stock, for exactly the content of the working tree.

    With `verify`, what is not known is found out, which takes seconds; without, it is UNKNOWN.
    """
    consumer = catalog(consumer_version)
    with provider(provider_version) as against:
        (verdict,) = _verdicts([consumer], against, verify, kept or result_cache.folder())
    return verdict


def everybody_needing(
    provider_version: int, *, verify: bool = False, kept: Path | None = None
) -> tuple[Need, ...]:
    """All who live with that version of stock, consumers outside this repository too."""
    consumers = [consumer for consumer in everybody() if consumer.needs == provider_version]
    with provider(provider_version) as against:
        found = _verdicts(consumers, against, verify, kept or result_cache.folder())
    return tuple(
        Need(consumer.name, consumer.contact, verdict)
        for consumer, verdict in zip(consumers, found, strict=True)
    )


def left_behind(provider_version: int) -> tuple[Consumer, ...]:
    """All who have a contract with that version of stock, and none with a later one."""
    consumers = everybody()
    moved = {item.pact.consumer for item in consumers if item.needs > provider_version}
    return tuple(
        item
        for item in consumers
        if item.needs == provider_version and item.pact.consumer not in moved
    )


def _verdicts(
    consumers: Sequence[Consumer], against: Provider, verify: bool, kept: Path
) -> tuple[VerificationResult, ...]:
    if verify:
        judged = all_verified(((consumer, against) for consumer in consumers), kept)
        return tuple(verdict for _, _, verdict in judged)
    return tuple(
        known(consumer, against, kept)
        or VerificationResult(consumer.name, against.name, Outcome.UNKNOWN, NOT_YET)
        for consumer in consumers
    )
