"""The content that a revision is of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from release.model import services
from release.targets.kubernetes.helm import helm_history
from release.targets.kubernetes.helm.helm_history import HelmRevision


@pytest.mark.parametrize(
    ("content", "told"),
    [("stock-v2-0123456789abcdef", "stock-v2-0123456789abcdef"), ("", "unknown")],
)
def test_a_revision_tells_the_content_that_it_means(
    render: Callable[..., list[dict[str, Any]]], content: str, told: str
) -> None:
    objects = render(2, stock={"image": {"content": content}})
    chart = {"metadata": {"name": "catalog", "version": "2.0.0"}}
    at = "2026-01-01T00:00:00Z"
    revision = HelmRevision({"version": 1, "info": {"last_deployed": at}, "chart": chart})
    vars(revision)["objects"] = objects
    images = helm_history.deployed("qv2", revision).images
    others = {f"shop/{name}:2.0.0": "unknown" for name in services.NAMES}
    assert images == others | {"shop/stock:2.0.0": told}
