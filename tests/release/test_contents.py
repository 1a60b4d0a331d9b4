"""Which content a release on a cluster is of, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from release.images import sources
from release.model.names import Names
from release.targets.kubernetes.helm import records
from release.targets.kubernetes.helm.records import Revision
from release.targets.kubernetes.traefik import Traefik
from release.targets.kubernetes.values import Values


@pytest.mark.parametrize("version", [1, 2])
def test_a_release_means_what_the_working_tree_holds(version: int) -> None:
    nobody = cast(Traefik, SimpleNamespace(namespace="traefik"))
    given = Values(Names(), nobody, None, "").of_version(version, "shop.localhost", slack=False)
    for service, found in (("catalog", given), ("stock", given["stock"])):
        name = sources.content_name(service, version)
        assert found["image"] == {"content": name}
        assert name == f"{service}-v{version}-{sources.digest(service, version)[:16]}"


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
    revision = Revision({"version": 1, "info": {"last_deployed": at}, "chart": chart})
    vars(revision)["objects"] = objects
    images = records.deployed("qv2", revision).images
    assert images == {"shop/catalog:2.0.0": "unknown", "shop/stock:2.0.0": told}
