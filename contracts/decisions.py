"""What gates ask: may these two be released together, and who still needs a version of stock?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contracts import verdicts
from contracts.consumers import Consumer, catalog, everybody
from contracts.provider import Provider, provider
from contracts.verdicts import Outcome, Verdict
from contracts.verification import verified

NOT_YET = "not verified yet for exactly this content: make contracts"


@dataclass(frozen=True)
class Need:
    """Somebody who lives with a version of stock, and whether that version suits them."""

    consumer: str
    contact: str
    verdict: Verdict


def compatible(
    consumer_version: int, provider_version: int, *, verify: bool, kept: Path | None = None
) -> Verdict:
    """Whether this catalog can live with this stock, for exactly the content of the working tree.

    With `verify`, what is not known is found out, which takes seconds; without, it is UNKNOWN.
    """
    with provider(provider_version) as against:
        return _verdict(catalog(consumer_version), against, verify, kept or verdicts.folder())


def everybody_needing(
    provider_version: int, *, verify: bool = False, kept: Path | None = None
) -> tuple[Need, ...]:
    """All who live with that version of stock, consumers outside this repository too."""
    kept = kept or verdicts.folder()
    with provider(provider_version) as against:
        return tuple(
            Need(consumer.name, consumer.contact, _verdict(consumer, against, verify, kept))
            for consumer in everybody()
            if consumer.needs == provider_version
        )


def _verdict(consumer: Consumer, against: Provider, verify: bool, kept: Path) -> Verdict:
    if verify:
        return verified(consumer, against, kept)
    known = verdicts.recall(consumer, against, kept)
    return known or Verdict(consumer.name, against.name, Outcome.UNKNOWN, NOT_YET)
