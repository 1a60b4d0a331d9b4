"""A Pact Broker: what is published to it, and how. Everything here may be said again."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import quote

from release.clients.credentials import BrokerAccess
from release.contracts.errors import BrokerError
from release.contracts.hal import Answer, Hal, link

OLDEST = (2, 120, 0)
"""Older ones take several live versions of a provider for one, and say yes where it is no."""


@dataclass(frozen=True)
class Version:
    """One version of an application. `branch` is the line of development that it belongs to."""

    application: str
    number: str
    branch: str = ""

    def __str__(self) -> str:
        return f"{self.application} {self.number}"


class Broker:
    """Every method raises BrokerError when the broker does not do what it is asked."""

    def __init__(self, access: BrokerAccess) -> None:
        self._hal = Hal(access)
        opened = self._hal.send("GET", f"{access.address}/")
        self._index = self._hal.document(opened)
        self._check_age(opened)

    def publish(self, version: Version, provider: str, pact: bytes) -> str:
        """Publish what a consumer needs of a provider; the address of the pact."""
        contract = {
            "consumerName": version.application,
            "providerName": provider,
            "specification": "pact",
            "contentType": "application/json",
            "content": base64.b64encode(pact).decode(),
        }
        document = {
            "pacticipantName": version.application,
            "pacticipantVersionNumber": version.number,
            "branch": version.branch,
            "contracts": [contract],
        }
        published = self._hal.ask("POST", link(self._index, "pb:publish-contracts"), document)
        return link(published, "pb:contracts")

    def add(self, version: Version) -> None:
        """Have the broker know a provider's version, which has no pact of its own to publish."""
        self._hal.ask("PUT", self._of(version, "branches", version.branch), {})

    def report(self, pact: str, version: Version, *, success: bool) -> None:
        """Whether that version of the provider does what the pact says."""
        results = link(self._hal.ask("GET", pact), "pb:publish-verification-results")
        said = {"success": success, "providerApplicationVersion": version.number}
        self._hal.ask("POST", results, said)

    def knows(self, version: Version) -> bool:
        """Whether that version was ever published."""
        answer = self._hal.send("GET", self._of(version))
        return answer.status != 404 and bool(self._hal.document(answer))

    def ensure_environment(self, name: str) -> None:
        """Have an environment of that name."""
        address = link(self._index, "pb:environments")
        listed = self._hal.ask("GET", address).get("_embedded", {}).get("environments", ())
        if name not in {environment.get("name") for environment in listed}:
            described = {"name": name, "displayName": name, "production": False}
            self._hal.ask("POST", address, described)

    def deployed(self, version: Version, environment: str) -> None:
        """That version runs there; what of the application ran there before does not any more."""
        known = self._hal.ask("GET", self._of(version))
        self._hal.ask("POST", link(known, "pb:record-deployment", environment), {})

    def _of(self, version: Version, *line: str) -> str:
        parts = (version.application, *line, "versions", version.number)
        return f"{self._hal.base}/pacticipants/{'/'.join(quote(part, safe='') for part in parts)}"

    def _check_age(self, answer: Answer) -> None:
        found = re.match(r"(\d+)\.(\d+)\.(\d+)", answer.headers.get("X-Pact-Broker-Version", ""))
        if not found:
            raise BrokerError(
                f"{self._hal.base}: no Pact Broker, or one that does not tell its version"
            )
        if tuple(map(int, found.groups())) < OLDEST:
            raise BrokerError(
                f"{self._hal.base}: Pact Broker {found[0]} is too old, 2.120.0 is needed: earlier "
                "ones answer can-i-deploy wrongly when several versions are live"
            )
