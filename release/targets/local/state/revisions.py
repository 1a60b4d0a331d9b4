"""The records of the state folder, and how they are read."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from release.errors import ReleaseError
from release.model.objects import Object
from release.model.release import Deployed, Record

Content = TypeVar("Content")


@dataclass(frozen=True)
class GatewayPorts:
    """The ports of Traefik: for visitors, between services, and for its own API."""

    port: int
    internal_port: int
    api_port: int


@dataclass(frozen=True)
class Instance:
    """One process of a revision."""

    id: str
    workload: str
    kind: str
    fingerprint: str
    labels: dict[str, str]
    ports: dict[str, int]
    ready_port: str
    ready_path: str
    stop_delay: float
    grace: float


@dataclass(frozen=True)
class LocalRevision(Deployed):
    """One deployment of a release: its objects, and the processes that realise them."""

    objects: list[Object] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)
    reason: str = ""


def read_record(parse: Callable[..., Content], path: Path) -> Content | None:
    """Parse the members of a record; None if it does not exist.

    Raises ReleaseError for one that is damaged, or of another version.
    """
    try:
        return parse(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise damaged_record(path, str(error)) from error


_NAMES_OF_0_1 = {"number": "revision", "deployed_at": "at"}


def parse_revision(instances: list[dict[str, Any]], **facts: Any) -> LocalRevision:
    """Return the revision that a file holds; version 0.1.0 gave two facts other names."""
    return LocalRevision(instances=[Instance(**item) for item in instances], **_renamed(facts))


def parse_history(lines: list[dict[str, Any]]) -> list[Record]:
    return [Record(**_renamed(line)) for line in lines]


def _renamed(facts: dict[str, Any]) -> dict[str, Any]:
    return {_NAMES_OF_0_1.get(name, name): fact for name, fact in facts.items()}


def damaged_record(path: Path, reason: str) -> ReleaseError:
    """Return the error for a record that cannot be used."""
    return ReleaseError(
        f"the record {path} cannot be used ({reason}): make down, then deploy again"
    )
