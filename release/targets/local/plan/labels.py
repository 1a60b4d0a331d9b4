"""Names and labels of objects, and the one rule by which selectors select."""

from __future__ import annotations

from collections.abc import Mapping

from release.model.objects import Object


def name_of(item: Object) -> str:
    """metadata.name."""
    return str(item["metadata"]["name"])


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every wanted label is there."""
    return selector.items() <= labels.items()
