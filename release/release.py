"""A release, as it is handed to a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release.charts import Object


@dataclass(frozen=True)
class Release:
    """One version of the shop in one namespace: catalog, stock and their monitoring, rendered."""

    namespace: str
    version: int
    chart_version: str
    values: Mapping[str, Any]
    objects: Sequence[Object]
    reason: str = ""
