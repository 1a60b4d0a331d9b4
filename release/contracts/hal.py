"""Documents with links, over HTTP, of one server, which is told no more than it needs to know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from release.clients.credentials import BrokerAccess
from release.contracts.errors import BrokerError
from release.contracts.pact import one_line

CONNECT, ANSWER = 5, 30
"""Seconds that a connection, and then an answer, may take."""
LARGEST = 10 * 1024 * 1024

Document = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the server said; `path` is what it was asked."""

    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class _Bearer(AuthBase):
    """Whoever is named here, nobody else is looked up in ~/.netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Hal:
    """One server. Every method raises BrokerError, in one line, for what is no good answer."""

    def __init__(self, access: BrokerAccess) -> None:
        self.base = access.address
        self._session = requests.Session()
        self._session.auth = (
            HTTPBasicAuth(access.username, access.password)
            if access.username
            else _Bearer(access.token)
        )

    def ask(self, method: str, address: str, content: Document | None = None) -> Document:
        """The document that is the answer."""
        return self.document(self.send(method, address, content))

    def send(self, method: str, address: str, content: Document | None = None) -> Answer:
        """The answer as it is, a refusal too."""
        if urlsplit(address)[:2] != urlsplit(self.base)[:2]:
            # Whoever answers there would be told the token.
            raise BrokerError(
                f"{self.base}: it sends us to {one_line(address)}: give PACT_BROKER_BASE_URL as "
                "the broker names itself"
            )
        headers = {"Accept": "application/hal+json, application/json"}
        patience = CONNECT, ANSWER
        try:
            with self._session.request(
                method,
                address,
                json=content,
                headers=headers,
                timeout=patience,
                allow_redirects=False,
                stream=True,
            ) as answer:
                body = answer.raw.read(LARGEST + 1, decode_content=True)
        except (requests.Timeout, TimeoutError) as error:
            raise BrokerError(f"{self.base}: no answer in time") from error
        except (requests.RequestException, OSError) as error:
            raise BrokerError(f"{self.base} cannot be reached: {_reason(error)}") from error
        if len(body) > LARGEST:
            raise BrokerError(f"{self.base}: its answer is too large")
        return Answer(urlsplit(address).path, answer.status_code, answer.headers, body)

    def document(self, answer: Answer) -> Document:
        """What a good answer says."""
        if answer.status in (401, 403):
            raise BrokerError(
                f"{self.base}: {answer.status}, it does not let us in: look at PACT_BROKER_TOKEN, "
                "or PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD"
            )
        if not 200 <= answer.status < 300:
            raise BrokerError(f"{self.base}: {answer.status} for {answer.path}{_said(answer)}")
        try:
            document = json.loads(answer.body or b"{}")
        except ValueError as error:
            raise BrokerError(f"{self.base}: {answer.path} is no JSON") from error
        if not isinstance(document, dict):
            raise BrokerError(f"{self.base}: {answer.path} is not what a Pact Broker says")
        return document


def link(document: Document, relation: str, name: str = "") -> str:
    """The address of a relation: the one of that name, or the first."""
    links = document.get("_links")
    found = links.get(relation) if isinstance(links, dict) else None
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict) and "href" in one and name in ("", one.get("name")):
            return str(one["href"])
    raise BrokerError(f"the broker gives no link {relation} {name}".rstrip())


def _reason(error: Exception) -> str:
    inner = getattr(error.args[0], "reason", error) if error.args else error
    return one_line(str(inner).rpartition(": ")[2] or type(error).__name__)


def _said(answer: Answer) -> str:
    """The broker's own words, which it gives as {"errors": {"field": ["text"]}}."""
    try:
        errors = json.loads(answer.body)["errors"]
        texts = [text for listed in errors.values() for text in listed]
    except (ValueError, AttributeError, TypeError, KeyError):
        return ""
    return f": {one_line('; '.join(map(str, texts)))}"
