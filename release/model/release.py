"""A release: as a target gets it, and as a target records it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.model.objects import Object


@dataclass(frozen=True)
class Release:
    """A rendered chart for one namespace: a version of the shop, or the entry point."""

    namespace: str
    version: int
    chart: Path
    chart_version: str
    values: Mapping[str, Any]
    objects: Sequence[Object]
    reason: str = ""


@dataclass(frozen=True)
class Deployed:
    """The current revision of a release."""

    namespace: str
    version: int
    chart_version: str
    revision: int
    at: float
    values: Mapping[str, Any]
    images: Mapping[str, str]
    """Image reference, as in `shop/stock:1.0.0` -> the name of its content."""


@dataclass(frozen=True)
class Record:
    """One line of a release's history."""

    namespace: str
    version: int
    chart_version: str
    revision: int
    at: float
    reason: str
    change: Mapping[str, Any]


def new_change() -> str:
    """Return a unique id for a change of the entry point."""
    return secrets.token_hex(8)
