"""Publishes the working tree to a Pact Broker: pacts, and the results of verifying them.

A version of an application is the number of its image and a hash of the image's content, so a
result never applies to other content.
"""

from collections.abc import Iterator

import yaml

from release import paths
from release.contracts.broker import ApplicationVersion, Broker, BrokerError
from release.contracts.consumers import Consumer, catalog_consumers
from release.contracts.matrix import verify_matrix
from release.contracts.pact import PROVIDER
from release.contracts.result_cache import Outcome
from release.images import contents
from release.model import services

APPLICATIONS = {service.name: service.application for service in services.SERVICES}


def version_number(tag: str, digest: str) -> str:
    """Return `1.0.0+` and a hash of the content."""
    return f"{tag}+{digest}"


def publish(broker: Broker, branch: str) -> Iterator[str]:
    """Publish the pacts of every version of catalog, and each one's result with every stock.

    Yields a line for each thing published. Raises BrokerError, having published nothing, when a
    result is unknown. The major versions live side by side, so each is a line of development.
    """
    results = verify_matrix(catalog_consumers())
    for result in results:
        if result.outcome is Outcome.UNKNOWN:
            raise BrokerError(f"nothing is published: {result}")
    providers = {each: _read_version("stock", each, branch) for each in paths.known_versions()}
    for provider in providers.values():
        broker.add(provider)
    pacts: dict[Consumer, str] = {}
    for result in results:
        consumer = result.consumer
        if consumer not in pacts:
            version = _read_version("catalog", consumer.needs, branch)
            pacts[consumer] = broker.publish(version, PROVIDER, consumer.pact.content)
            yield f"{version} on {version.branch}"
        if result.provider_version in providers:
            against = providers[result.provider_version]
            broker.report(pacts[consumer], against, success=result.compatible)
            yield f"  with {against}: {result.outcome}"


def _read_version(service: str, major: int, branch: str) -> ApplicationVersion:
    chart = yaml.safe_load((paths.CHARTS / service / f"v{major}" / "Chart.yaml").read_text())
    digest = contents.hash_image(service, major)[:16]
    number = version_number(str(chart["appVersion"]), digest)
    return ApplicationVersion(APPLICATIONS[service], number, f"{branch}-v{major}")
