"""A pact file: what one consumer needs of stock, in any specification from 1 to 4."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from release.contracts.errors import ContractError
from release.model import services

PROVIDER = services.SERVICES[0].application
"""The one service that others have contracts with."""
LARGEST = 5 * 1024 * 1024
LONGEST_LINE = 300
HTTP = "Synchronous/HTTP"


@dataclass(frozen=True)
class Pact:
    """A well-formed pact with stock; `content` is the file's bytes, `flaw` why it cannot hold."""

    consumer: str
    interactions: tuple[str, ...]
    flaw: str = ""
    content: bytes = field(default=b"", repr=False)

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


def read(path: Path) -> Pact:
    """Read a pact file; ContractError when it is none, or one with another provider."""
    content = _content(path)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"{path}: not JSON: {error}") from error
    consumer, provider = _party(document, "consumer"), _party(document, "provider")
    if not consumer or not provider:
        raise ContractError(f"{path}: not a pact: it does not name a consumer and a provider")
    if provider != PROVIDER:
        raise ContractError(f"{path}: a pact with {provider!r}, only {PROVIDER!r} is known here")
    listed = document.get("interactions", document.get("messages", []))
    if not isinstance(listed, list):
        raise ContractError(f"{path}: not a pact: its interactions are not an array")
    described = tuple(str(_of(interaction, "description")) for interaction in listed)
    return Pact(consumer, described, _flaw(document, listed), content)


def one_line(text: str) -> str:
    """Somebody else's words, fit for a terminal: one line of printable characters, not too long."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def _content(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise ContractError(f"{path}: not a file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ContractError(f"{path}: cannot be read: {reason}") from error
    if len(content) > LARGEST:
        raise ContractError(f"{path}: larger than {LARGEST} bytes, which no pact needs to be")
    return content


def _flaw(document: dict[str, Any], interactions: list[Any]) -> str:
    """Why no provider can satisfy it. The verifier would pass some of these without a look."""
    if document.get("messages"):
        return "it has messages, and stock only speaks HTTP"
    if not interactions:
        return "it has no interactions: nothing is verified"
    metadata = document.get("metadata")
    if _of(metadata, "plugins"):
        return "it needs a plugin of the verifier, which is not supported"
    for number, interaction in enumerate(interactions, 1):
        description = _of(interaction, "description")
        if not isinstance(description, str) or not description:
            return f"interaction {number} has no description"
        if _of(interaction, "type") not in (None, HTTP):
            return f"{description}: {_of(interaction, 'type')!r}, and stock only speaks HTTP"
        for part in ("request", "response"):
            if not isinstance(_of(interaction, part), dict):
                return f"{description}: it has no {part}"
        if _ill_formed_states(interaction):
            return f"{description}: its provider states are not written as pacts write them"
    return ""


def _ill_formed_states(interaction: dict[str, Any]) -> bool:
    single = interaction.get("providerState", interaction.get("provider_state"))
    many = interaction.get("providerStates") or []
    return (
        not isinstance(single, str | None)
        or not isinstance(many, list)
        or not all(isinstance(_of(state, "name"), str) for state in many)
    )


def _party(document: Any, role: str) -> str:
    name = _of(_of(document, role), "name")
    return one_line(name) if isinstance(name, str) else ""


def _of(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
