"""The records of the state folder, and how they are read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from release.errors import ReleaseError
from release.model.objects import Object
from release.model.release import Deployed

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


def read_record(path: Path) -> dict[str, Any] | None:
    """Read a record; None if it does not exist. Raises ReleaseError if it is damaged."""
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise damaged_record(path, str(error)) from error
    return content


def parse_record(kind: type[Content], content: dict[str, Any], path: Path) -> Content:
    """Make a record of its content. Raises ReleaseError for one of another version."""
    try:
        return kind(**content)
    except TypeError as error:
        raise damaged_record(path, str(error)) from error


def damaged_record(path: Path, reason: str) -> ReleaseError:
    """Return the error for a record that cannot be used."""
    return ReleaseError(
        f"the record {path} cannot be used ({reason}): make down, then deploy again"
    )
