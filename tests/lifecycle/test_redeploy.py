"""Replacing a live version: its successor is ready before it leaves, and no request fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from load.fixed_targets import FixedTarget, fixed_targets
from load.traffic import Traffic
from tests.conftest import ROOT, Shop, copy_of_the_project, eventually, kill

PAGES: list[FixedTarget] = [
    ("catalog.v2", "/"),
    ("stock.v2", "/t-shirts"),
    ("stock.v2", "/t-shirts/plain-t-shirt/purchases", {"quantity": 1}),
    ("catalog.v1", "/"),
    ("stock.v1", "/t-shirt"),
    ("stock.v1", "/t-shirt/plain-t-shirt/purchase", {"quantity": 1}),
    ("catalog.v2", "/products/striped-t-shirt/buy", {"quantity": 1}),
]


def _pids(shop: Shop, namespace: str) -> dict[str, int]:
    releases = shop.status()["releases"]
    release = next(one for one in releases if one["namespace"] == namespace)
    return {process["name"]: process["pid"] for process in release["processes"]}


def _known(shop: Shop) -> set[psutil.Process]:
    """Everything that ought to run: what make status lists, the platform, and what they started."""
    listed = [process["pid"] for one in shop.status()["releases"] for process in one["processes"]]
    [manager], [gateway] = shop.processes("supervisor.supervisord"), shop.processes("traefik")
    parents = [gateway, *map(psutil.Process, listed)]
    workers = {child for parent in parents for child in parent.children(recursive=True)}
    return {manager, *parents, *workers}


def test_changed_values_replace_both_services_without_a_failed_request(both: Shop) -> None:
    values = both.state.parent / "values.yaml"
    before, other = _pids(both, "qv2"), _pids(both, "qv1")
    with Traffic(fixed_targets(both.gateway, PAGES), rate=40) as seen:
        for threads in (5, 6):
            values.write_text(f"threads: {threads}\nstock: {{threads: {threads}}}\n")
            both.make("deploy", VERSION=2, VALUES=values)
    assert seen.failures == []
    assert seen.requests > 100
    after = _pids(both, "qv2")
    assert not set(before.values()) & {pid for name, pid in after.items() if ".r" in name}
    assert {
        name: pid for name, pid in before.items() if "prometheus-" in name
    }.items() <= after.items()
    assert _pids(both, "qv1") == other


def test_an_unchanged_redeploy_replaces_nothing(both: Shop) -> None:
    both.make("deploy", VERSION=1)
    before = _pids(both, "qv1")
    both.make("deploy", VERSION=1)
    assert _pids(both, "qv1") == before


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[tuple[Shop, Path]]:
    """A shop of a copy of the project that a test may edit."""
    yield from copy_of_the_project(tmp_path)


def test_changed_code_is_deployed_and_code_that_cannot_start_is_rolled_back(
    edited: tuple[Shop, Path],
) -> None:
    shop, project = edited
    shop.make("deploy", VERSION=1)
    shop.make("deploy", VERSION=2)
    page = project / "services" / "catalog" / "catalog" / "templates" / "base.html"
    assert "T-Shirt Shop" in page.read_text()
    page.write_text(page.read_text().replace("T-Shirt Shop", "Shirt Emporium"))
    assert "Shirt Emporium" not in shop.get("catalog.v2").text  # a working tree is not what runs
    with Traffic(fixed_targets(shop.gateway, PAGES), rate=40) as seen:
        shop.make("deploy", VERSION=2)
        assert "Shirt Emporium" in shop.get("catalog.v2").text
        assert "T-Shirt Shop" in shop.get("catalog.v1").text

        before = _pids(shop, "qv2")
        broken = project / "services" / "catalog" / "catalog" / "v2" / "__init__.py"
        broken.write_text(broken.read_text() + '\nraise ValueError("does not start")\n')
        done = shop.make("deploy", check=False, VERSION=2)
        assert done.returncode != 0
        assert "ValueError: does not start" in done.stderr  # the tail of its log
        assert "error: qv2.catalog.r3.0 keeps ending" in done.stderr
        assert "rolled back to revision 2 of qv2" in done.stderr
        assert _pids(shop, "qv2") == before
    assert seen.failures == []
    assert set(shop.processes()) == _known(shop)


def test_a_first_deploy_that_cannot_start_leaves_nothing_behind(edited: tuple[Shop, Path]) -> None:
    shop, project = edited
    broken = project / "services" / "stock" / "stock" / "v1" / "__init__.py"
    broken.write_text('raise ValueError("does not start")\n')
    done = shop.make("deploy", check=False, VERSION=1)
    assert done.returncode != 0
    assert "does not start" in done.stderr
    assert shop.processes() == []
    assert shop.status()["releases"] == []


def test_a_restart_runs_the_code_that_was_deployed(edited: tuple[Shop, Path]) -> None:
    shop, project = edited
    shop.make("deploy", VERSION=1)
    shutil.rmtree(project / "services" / "stock" / "stock" / "v1")
    name = next(name for name in _pids(shop, "qv1") if "stock.r" in name)
    before = _pids(shop, "qv1")[name]
    kill([psutil.Process(before)])
    eventually(lambda: _pids(shop, "qv1")[name] not in (0, before), what="the process is back")
    eventually(lambda: shop.get("stock.v1", "/t-shirt").status_code == 200, what="it serves")
    shutil.copytree(
        ROOT / "services" / "stock" / "stock" / "v1",
        project / "services" / "stock" / "stock" / "v1",
    )


def test_a_rule_that_prometheus_refuses_is_not_deployed(edited: tuple[Shop, Path]) -> None:
    shop, project = edited
    shop.make("deploy", VERSION=1)
    before = _pids(shop, "qv1")
    rule = project / "monitoring" / "rules" / "sunset.yaml"
    good = rule.read_text()
    rule.write_text(good.replace("expr: ", "expr: )", 1))
    assert rule.read_text() != good
    done = shop.make("deploy", check=False, VERSION=1)
    assert done.returncode != 0
    assert "refuses its configuration" in done.stderr
    assert _pids(shop, "qv1") == before

    rule.write_text(good)
    kill([psutil.Process(before["qv1.prometheus-stock.0"])])
    shop.make("deploy", VERSION=1)
    rules = shop.get("prometheus.stock.v1", "/api/v1/rules").json()["data"]["groups"]
    assert "sunsetNearStillUsed" in str(rules)
