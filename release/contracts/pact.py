"""A pact file: what one consumer needs of stock, in any specification from 1 to 4."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from release.errors import UsageError
from release.model import services

PROVIDER = services.SERVICES[0].application
"""The only service with contracts."""
MAX_BYTES = 5 * 1024 * 1024
LONGEST_LINE = 300
HTTP = "Synchronous/HTTP"


class ContractError(UsageError):
    """A file below contracts/, or the one that PACT names, cannot be used."""


@dataclass(frozen=True)
class Pact:
    """A well-formed pact with stock. `content`: the bytes; `flaw`: why no stock can satisfy it."""

    consumer: str
    interactions: tuple[str, ...]
    flaw: str = ""
    content: bytes = field(default=b"", repr=False)

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


def read(path: Path) -> Pact:
    """Read a pact file. Raises ContractError for another kind of file, or another provider."""
    content = _read_bytes(path)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"{path}: not JSON: {error}") from error
    consumer, provider = _party_name(document, "consumer"), _party_name(document, "provider")
    if not consumer or not provider:
        raise ContractError(f"{path}: not a pact: it does not name a consumer and a provider")
    if provider != PROVIDER:
        raise ContractError(f"{path}: a pact with {provider!r}, only {PROVIDER!r} is known here")
    listed = document.get("interactions", document.get("messages", []))
    if not isinstance(listed, list):
        raise ContractError(f"{path}: not a pact: its interactions are not an array")
    described = tuple(str(_get(interaction, "description")) for interaction in listed)
    return Pact(consumer, described, _find_flaw(document, listed), content)


def one_line(text: str) -> str:
    """Return foreign text as one short line of printable characters, fit for a terminal."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def _read_bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise ContractError(f"{path}: not a file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ContractError(f"{path}: cannot be read: {reason}") from error
    if len(content) > MAX_BYTES:
        raise ContractError(f"{path}: larger than {MAX_BYTES} bytes, which no pact needs to be")
    return content


def _find_flaw(document: dict[str, Any], interactions: list[Any]) -> str:
    """Return why no provider can satisfy it, or "". The verifier would pass some of these."""
    if document.get("messages"):
        return "it has messages, and stock only speaks HTTP"
    if not interactions:
        return "it has no interactions: nothing is verified"
    metadata = document.get("metadata")
    if _get(metadata, "plugins"):
        return "it needs a plugin of the verifier, which is not supported"
    for number, interaction in enumerate(interactions, 1):
        description = _get(interaction, "description")
        if not isinstance(description, str) or not description:
            return f"interaction {number} has no description"
        if _get(interaction, "type") not in (None, HTTP):
            return f"{description}: {_get(interaction, 'type')!r}, and stock only speaks HTTP"
        for part in ("request", "response"):
            if not isinstance(_get(interaction, part), dict):
                return f"{description}: it has no {part}"
        if _has_malformed_states(interaction):
            return f"{description}: its provider states are not written as pacts write them"
    return ""


def _has_malformed_states(interaction: dict[str, Any]) -> bool:
    single = interaction.get("providerState", interaction.get("provider_state"))
    many = interaction.get("providerStates") or []
    return (
        not isinstance(single, str | None)
        or not isinstance(many, list)
        or not all(isinstance(_get(state, "name"), str) for state in many)
    )


def _party_name(document: Any, role: str) -> str:
    name = _get(_get(document, role), "name")
    return one_line(name) if isinstance(name, str) else ""


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
