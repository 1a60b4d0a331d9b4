"""The client of a Pact Broker: documents with links (HAL) over HTTP. Every call is idempotent."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import HTTPError

from release.clients.credentials import BrokerAccess
from release.contracts.pact import one_line
from release.errors import ReleaseError

OLDEST = (2, 120, 0)
"""Older brokers answer can-i-deploy with yes where it is no when several versions are live."""
CONNECT, ANSWER = 5, 30
"""Seconds that a connection, and then an answer, may take."""
MAX_BYTES = 10 * 1024 * 1024

Document = dict[str, Any]


class BrokerError(ReleaseError):
    """A Pact Broker cannot be reached, or refuses."""


@dataclass(frozen=True)
class ApplicationVersion:
    """One version of an application. `branch` is the line of development that it belongs to."""

    application: str
    number: str
    branch: str = ""

    def __str__(self) -> str:
        return f"{self.application} {self.number}"


class Broker:
    """Every method raises BrokerError, in one line, when the broker does not do what it should."""

    def __init__(self, access: BrokerAccess) -> None:
        self._base = access.address
        self._session = requests.Session()
        self._session.auth = lambda request: _authorize(request, access)
        answer, body = self._send("GET", f"{self._base}/")
        self._index = self._decode(answer, body)
        self._check_version(answer.headers.get("X-Pact-Broker-Version", ""))

    def publish(self, version: ApplicationVersion, provider: str, pact: bytes) -> str:
        """Publish the pact of a consumer's version; return the address of the pact."""
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
        published = self._ask("POST", _link(self._index, "pb:publish-contracts"), document)
        return _link(published, "pb:contracts")

    def add(self, version: ApplicationVersion) -> None:
        """Add a provider's version, which has no pact of its own to publish."""
        self._ask("PUT", self._address(version, "branches", version.branch), {})

    def report(self, pact: str, version: ApplicationVersion, *, success: bool) -> None:
        """Publish whether that version of the provider satisfies the pact at an address."""
        results = _link(self._ask("GET", pact), "pb:publish-verification-results")
        result = {"success": success, "providerApplicationVersion": version.number}
        self._ask("POST", results, result)

    def is_published(self, version: ApplicationVersion) -> bool:
        """Return True if that version was ever published."""
        answer, body = self._send("GET", self._address(version))
        return answer.status_code != 404 and bool(self._decode(answer, body))

    def ensure_environment(self, name: str) -> None:
        """Create an environment unless it exists."""
        address = _link(self._index, "pb:environments")
        listed = self._ask("GET", address).get("_embedded", {}).get("environments", ())
        if name not in {environment.get("name") for environment in listed}:
            described = {"name": name, "displayName": name, "production": False}
            self._ask("POST", address, described)

    def record_deployment(self, version: ApplicationVersion, environment: str) -> None:
        """Record that the version runs there, in the place of the application's version before."""
        found = self._ask("GET", self._address(version))
        self._ask("POST", _link(found, "pb:record-deployment", environment), {})

    def _address(self, version: ApplicationVersion, *line: str) -> str:
        parts = (version.application, *line, "versions", version.number)
        return f"{self._base}/pacticipants/{'/'.join(quote(part, safe='') for part in parts)}"

    def _check_version(self, text: str) -> None:
        found = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
        if not found:
            raise BrokerError(
                f"{self._base}: no Pact Broker, or one that does not tell its version"
            )
        if tuple(map(int, found.groups())) < OLDEST:
            raise BrokerError(
                f"{self._base}: Pact Broker {found[0]} is too old, 2.120.0 is needed: earlier "
                "ones answer can-i-deploy wrongly when several versions are live"
            )

    def _ask(self, method: str, address: str, content: Document | None = None) -> Document:
        return self._decode(*self._send(method, address, content))

    def _send(
        self, method: str, address: str, content: Document | None = None
    ) -> tuple[requests.Response, bytes]:
        """Return the answer, whatever its status, and its body, which is bounded."""
        if urlsplit(address)[:2] != urlsplit(self._base)[:2]:
            # The token must not go to another host.
            raise BrokerError(
                f"{self._base}: it sends us to {one_line(address)}: give PACT_BROKER_BASE_URL as "
                "the broker names itself"
            )
        try:
            with self._session.request(
                method,
                address,
                json=content,
                headers={"Accept": "application/hal+json, application/json"},
                timeout=(CONNECT, ANSWER),
                allow_redirects=False,
                stream=True,
            ) as answer:
                body = answer.raw.read(MAX_BYTES + 1, decode_content=True)
        except (requests.Timeout, TimeoutError) as error:
            raise BrokerError(f"{self._base}: no answer in time") from error
        except (requests.RequestException, HTTPError, OSError) as error:
            raise BrokerError(f"{self._base} cannot be reached: {_reason(error)}") from error
        if len(body) > MAX_BYTES:
            raise BrokerError(f"{self._base}: its answer is too large")
        return answer, body

    def _decode(self, answer: requests.Response, body: bytes) -> Document:
        status, path = answer.status_code, urlsplit(answer.url).path
        if status in (401, 403):
            raise BrokerError(
                f"{self._base}: {status}, it does not let us in: look at PACT_BROKER_TOKEN, "
                "or PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD"
            )
        if not 200 <= status < 300:
            raise BrokerError(f"{self._base}: {status} for {path}{_explanation(body)}")
        try:
            document = json.loads(body or b"{}")
        except ValueError as error:
            raise BrokerError(f"{self._base}: {path} is no JSON") from error
        if not isinstance(document, dict):
            raise BrokerError(f"{self._base}: {path} is not what a Pact Broker says")
        return document


def _authorize(request: requests.PreparedRequest, access: BrokerAccess) -> requests.PreparedRequest:
    """Add the credentials. A callable as `auth` also keeps requests from reading ~/.netrc."""
    if access.username:
        HTTPBasicAuth(access.username, access.password)(request)
    elif access.token:
        request.headers["Authorization"] = f"Bearer {access.token}"
    return request


def _link(document: Document, relation: str, name: str = "") -> str:
    """Return the address of a relation: the one of that name, or the first."""
    links = document.get("_links")
    found = links.get(relation) if isinstance(links, dict) else None
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict) and "href" in one and name in ("", one.get("name")):
            return str(one["href"])
    raise BrokerError(f"the broker gives no link {relation} {name}".rstrip())


def _reason(error: Exception) -> str:
    inner = getattr(error.args[0], "reason", error) if error.args else error
    return one_line(str(inner).rpartition(": ")[2] or type(error).__name__)


def _explanation(body: bytes) -> str:
    """Return the broker's own words, which it gives as {"errors": {"field": ["text"]}}."""
    try:
        errors = json.loads(body)["errors"]
        texts = [text for listed in errors.values() for text in listed]
    except (ValueError, AttributeError, TypeError, KeyError):
        return ""
    return f": {one_line('; '.join(map(str, texts)))}"
