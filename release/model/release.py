"""A release, as it is handed to a target, and as a target remembers it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.model.objects import Object


@dataclass(frozen=True)
class Release:
    """A chart for one namespace, rendered: a version of the shop, or the entry point."""

    namespace: str
    version: int
    chart: Path
    chart_version: str
    values: Mapping[str, Any]
    objects: Sequence[Object]
    reason: str = ""


@dataclass(frozen=True)
class Deployed:
    """The revision of a release that runs, or should."""

    namespace: str
    version: int
    chart_version: str
    revision: int
    at: float
    values: Mapping[str, Any]
    images: Mapping[str, str]
    """What each image of it is, as in `shop/stock:1.0.0`, and a name of its content."""


@dataclass(frozen=True)
class Record:
    """One line of a release's history: what was done to it, whether or not it still runs."""

    namespace: str
    version: int
    chart_version: str
    revision: int
    at: float
    reason: str
    change: Mapping[str, Any]


def new_change() -> str:
    """An id for a change of the entry point: no other one has it."""
    return secrets.token_hex(8)
