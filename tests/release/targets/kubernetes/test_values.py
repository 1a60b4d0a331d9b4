"""What a cluster adds to the values of the charts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from release.charts import rendering
from release.images import contents
from release.model.names import Names
from release.targets.kubernetes.traefik import Traefik
from release.targets.kubernetes.values import Values
from release.toolchain import tools
from tests.conftest import NEWEST, VERSIONS
from tests.release.conftest import Objects

ELSEWHERE = SimpleNamespace(namespace="kube-system", metrics={"labels": {}, "port": "metrics"})
TRAEFIK = SimpleNamespace(namespace="traefik", metrics={"labels": {}, "port": "metrics"})


def address(gateway: str | None, recorded: dict[str, Any]) -> dict[str, Any]:
    """The scheme and port that links begin with from then on; without them, the chart's."""
    values = Values(Names("shop"), cast(Any, TRAEFIK), gateway, "")
    found = values.of_entrypoint("shop.example", {"global": recorded})["global"]
    assert found.pop("domain") == "shop.example"
    return dict(found)


@pytest.mark.parametrize("gateway", [None, "http://127.0.0.1:8080"])
def test_a_move_leaves_the_public_address_as_it_was_chosen(gateway: str | None) -> None:
    chosen = {"scheme": "https", "port": 443}
    assert address(gateway, chosen) == chosen


def test_an_address_that_nobody_chose_is_the_gateway_s() -> None:
    assert address(None, {}) == {}
    assert address("http://127.0.0.1:8080", {}) == {"scheme": "http", "port": 8080}


def test_network_policies_let_traefik_in_from_where_it_runs(
    render: Callable[..., Objects], tmp_path: Path
) -> None:
    values = Values(Names("shop"), cast(Any, ELSEWHERE), None, "")
    helm = tools.ensure(["helm"])["helm"]
    entrypoint = rendering.build_charts(helm, tmp_path) / "entrypoint"
    layout = values.of_entrypoint("shop.example", {})
    for objects in (
        render(NEWEST, **values.of_version(NEWEST, "shop.example", slack=False)),
        rendering.render_chart(helm, entrypoint, "shop-entrypoint", layout),
    ):
        policies = [item for item in objects if item["kind"] == "NetworkPolicy"]
        admitted = [name for item in policies for name in namespaces(item)]
        assert set(admitted) == {"kube-system"}


def namespaces(policy: dict[str, Any]) -> list[str]:
    """Those that it lets in by name."""
    return [
        source["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for rule in policy["spec"].get("ingress", ())
        for source in rule.get("from", ())
        if "namespaceSelector" in source
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_means_what_the_working_tree_holds(version: int) -> None:
    nobody = cast(Traefik, SimpleNamespace(namespace="traefik"))
    given = Values(Names(), nobody, None, "").of_version(version, "shop.localhost", slack=False)
    for service, found in (("catalog", given), ("stock", given["stock"])):
        name = contents.content_name(service, version)
        assert found["image"] == {"content": name}
        assert name == f"{service}-v{version}-{contents.hash_image(service, version)[:16]}"
