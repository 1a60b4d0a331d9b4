"""What the state folder remembers, and how it is read: a record that makes no sense is an error."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from release.errors import ReleaseError

Record = TypeVar("Record")


@dataclass(frozen=True)
class Platform:
    """What all releases of one state folder share."""

    port: int
    internal_port: int
    api_port: int


@dataclass(frozen=True)
class Instance:
    """One process of a revision, as the process manager knows it."""

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
class Revision:
    """One deployment of a release: what was asked for, and what runs because of it."""

    namespace: str
    version: int
    chart_version: str
    number: int
    deployed_at: float
    values: dict[str, Any]
    objects: list[dict[str, Any]]
    instances: list[Instance] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    reason: str = ""


def read(path: Path) -> dict[str, Any] | None:
    """The content of a record; None where there is none. Raises ReleaseError."""
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise damaged(path, str(error)) from error
    return content


def made_of(kind: type[Record], content: dict[str, Any], path: Path) -> Record:
    """The record that a file holds. Raises ReleaseError for one of another version."""
    try:
        return kind(**content)
    except TypeError as error:
        raise damaged(path, str(error)) from error


def damaged(path: Path, reason: str) -> ReleaseError:
    """What to say of a record that cannot be used."""
    return ReleaseError(
        f"the record {path} cannot be used ({reason}): make down, then deploy again"
    )
