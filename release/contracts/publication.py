"""Everything that a broker is told of the working tree: pacts, and what verifying them gave.

A version of an application is the number of its image and a hash of the image's content, so what
is said of one is never said of another, whatever the working tree holds by then.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from release import paths
from release.contracts.broker import Broker, Version
from release.contracts.consumers import Consumer, own
from release.contracts.errors import BrokerError
from release.contracts.matrix import matrix
from release.contracts.pact import PROVIDER
from release.contracts.result_cache import Outcome
from release.images import contents
from release.model import services

APPLICATIONS = {service.name: service.application for service in services.SERVICES}


def number(tag: str, digest: str) -> str:
    """What a version is called: `1.0.0+` and a hash of its content."""
    return f"{tag}+{digest}"


def publish(broker: Broker, branch: str) -> Iterator[str]:
    """Publish the pacts of every version of catalog, and each one's result with every stock.

    A line for each thing that was published. Raises BrokerError, having published nothing, when a
    result is not known. The majors live side by side, so each is a line of development.
    """
    pairs = matrix(own())
    for pair in pairs:
        if pair.verdict.outcome is Outcome.UNKNOWN:
            raise BrokerError(f"nothing is published: {pair.verdict}")
    providers = {each: _version("stock", each, branch) for each in paths.known_versions()}
    for provider in providers.values():
        broker.add(provider)
    pacts: dict[Consumer, str] = {}
    for pair in pairs:
        if pair.consumer not in pacts:
            version = _version("catalog", pair.consumer.needs, branch)
            pacts[pair.consumer] = broker.publish(version, PROVIDER, pair.consumer.pact.content)
            yield f"{version} on {version.branch}"
        if pair.provider_version in providers:
            against = providers[pair.provider_version]
            broker.report(pacts[pair.consumer], against, success=pair.verdict.compatible)
            yield f"  with {against}: {pair.verdict.outcome}"


def _version(service: str, major: int, branch: str) -> Version:
    chart = yaml.safe_load((paths.CHARTS / service / f"v{major}" / "Chart.yaml").read_text())
    named = number(str(chart["appVersion"]), contents.hash_image(service, major)[:16])
    return Version(APPLICATIONS[service], named, f"{branch}-v{major}")
