"""Which processes stay, which are replaced, and that nobody shares a port."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from release.model import services
from release.targets.local.plan.planner import make_plan
from release.targets.local.runtime.ports import free_ports
from release.targets.local.runtime.scheduler import schedule
from release.targets.local.state.revisions import Instance
from tests.conftest import NEWEST, ROOT
from tests.release.conftest import Objects

STOCK, CATALOG = f"shop/stock:{NEWEST}.0.0", f"shop/catalog:{NEWEST}.0.0"
DIGESTS = {STOCK: "aaaa", CATALOG: "bbbb"}
QV = f"qv{NEWEST}"
Place = Callable[..., list[Instance]]


@pytest.fixture
def placed(render: Callable[..., Objects]) -> Place:
    """Place a version with some values, after some instances."""

    def run(
        before: list[Instance] | None = None, digests: dict[str, str] = DIGESTS, **values: object
    ) -> list[Instance]:
        wanted = make_plan(render(NEWEST, **values), QV)
        number = 1 if before is None else 2
        taken = {port for item in before or [] for port in item.ports.values()}
        ports = free_ports(taken, Path("/somewhere"))
        return schedule(wanted, before or [], number, digests, ports)

    return run


def test_every_process_has_ports_of_its_own(placed: Place) -> None:
    ports = [port for item in placed(replicas=3) for port in item.ports.values()]
    # Catalog's three replicas and one of each other service, with two ports each; the monitoring.
    replicas = 3 + len(services.NAMES) - 1
    assert len(ports) == len(set(ports)) == 2 * replicas + 2 * len(services.NAMES)


def test_nothing_changes_when_nothing_changed(placed: Place) -> None:
    before = placed()
    assert placed(before) == before


def test_changed_code_replaces_the_service_whose_code_it_is(placed: Place) -> None:
    before = placed()
    after = placed(before, {**DIGESTS, STOCK: "cccc"})
    changed = [item.id for item in after if item not in before]
    assert changed == [f"{QV}.stock.r2.0"]


def test_a_changed_setting_replaces_the_service_that_it_is_for(placed: Place) -> None:
    before = placed()
    changed = [item.id for item in placed(before, threads=3) if item not in before]
    assert changed == [f"{QV}.catalog.r2.0"]


def test_more_replicas_keep_those_that_run(placed: Place) -> None:
    before = placed()
    after = placed(before, replicas=2)
    assert [item.id for item in after if item not in before] == [f"{QV}.catalog.r2.1"]
    assert {item.id for item in before} < {item.id for item in after}


def test_a_successor_never_gets_its_predecessor_s_port(placed: Place) -> None:
    before = placed()
    after = placed(before, threads=3)
    old = next(item for item in before if item.workload == "catalog")
    new = next(item for item in after if item.workload == "catalog")
    assert not set(old.ports.values()) & set(new.ports.values())


def test_another_shop_s_command_gets_other_ports_before_anything_listens() -> None:
    """Both begin at the same place of the range."""
    own = list(islice(free_ports((), Path("/here")), 5))
    script = "; ".join(
        (
            "from pathlib import Path",
            "from release.targets.local.runtime.ports import free_ports",
            "ports = free_ports((), Path('/here'))",
            "print([next(ports) for _ in range(5)])",
        )
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    others = json.loads(done.stdout)
    assert len({*own, *others}) == 10


def test_monitoring_keeps_its_ports_whatever_changes(placed: Place) -> None:
    before = placed()
    after = placed(before, **{"global": {"domain": "elsewhere.localhost"}})
    for item in before:
        if item.kind != "service":
            assert next(one for one in after if one.id == item.id).ports == item.ports
