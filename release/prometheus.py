"""The one place that asks Prometheus."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Prometheus:
    """One Prometheus server."""

    base: str
    host: str | None
