"""Every consumer against every version of stock."""

from collections.abc import Iterable
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

from release import paths
from release.contracts import result_cache
from release.contracts.consumers import Consumer, all_consumers
from release.contracts.provider import copied_provider
from release.contracts.result_cache import Outcome, VerificationResult
from release.contracts.verification import find_result, verify_all

NOT_YET = "not verified yet for exactly this content: make contracts"


def verify_matrix(
    consumers: Iterable[Consumer] | None = None, cache: Path | None = None
) -> tuple[VerificationResult, ...]:
    """Verify every pair that has no cached result, as many at a time as there are processors.

    A missing version of stock that a consumer needs is a pair, too, with the outcome NO.
    """
    consumers = tuple(all_consumers() if consumers is None else consumers)
    versions = paths.known_versions()
    with ExitStack() as stack:
        providers = [stack.enter_context(copied_provider(version)) for version in versions]
        found = verify_all(product(consumers, providers), cache or result_cache.folder())
    missing = (
        VerificationResult(consumer, consumer.needs, Outcome.NO, "there is no such stock")
        for consumer in consumers
        if consumer.needs not in versions
    )
    return (*found, *missing)


def check_consumers(
    provider_version: int, *, verify: bool = False, cache: Path | None = None
) -> tuple[VerificationResult, ...]:
    """Return the result of each consumer that lives with a version of stock.

    With `verify`, missing results are made, which takes seconds; without, they are UNKNOWN.
    """
    cache = cache or result_cache.folder()
    consumers = [each for each in all_consumers() if each.needs == provider_version]
    with copied_provider(provider_version) as provider:
        if verify:
            return verify_all(((each, provider) for each in consumers), cache)
        return tuple(
            find_result(each, provider, cache)
            or VerificationResult(each, provider_version, Outcome.UNKNOWN, NOT_YET)
            for each in consumers
        )


def as_json(results: Iterable[VerificationResult]) -> dict[str, Any]:
    """{"pairs": [{"consumer", "contact", "needs", "provider", "outcome", "reason"}]}"""
    return {
        "pairs": [
            {
                "consumer": result.consumer.name,
                "contact": result.consumer.contact,
                "needs": result.consumer.needs,
                "provider": result.provider_version,
                "outcome": str(result.outcome),
                "reason": result.reason,
            }
            for result in results
        ]
    }
