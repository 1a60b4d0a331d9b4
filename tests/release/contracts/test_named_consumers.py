"""Whoever has a contract with stock has a name in its metrics, and so in what they decide."""

import shutil
from pathlib import Path

import pytest
import yaml

from release import contracts, paths
from release.contracts.consumers import EXTERNAL, OWNERS, named_in_metrics
from release.lifecycle.deploy import consumer_values
from release.model import services


def test_stock_knows_its_catalog_and_whoever_has_a_contract() -> None:
    assert contracts.named_in_metrics("stock") == ("catalog", "warehouse-report")
    assert contracts.named_in_metrics("catalog") == ()


def test_a_new_consumer_needs_nothing_but_its_contract(tmp_path: Path) -> None:
    folder = tmp_path / "external"
    shutil.copytree(EXTERNAL, folder)
    [pact] = folder.glob("*.json")
    shutil.copy2(pact, folder / "till--stock.json")
    owner = {"pact": "till--stock.json", "name": "Till 2 (Oslo)", "contact": "till", "needs": 1}
    with (folder / OWNERS).open("a") as owners:
        yaml.safe_dump([owner], owners)
    assert named_in_metrics("stock", folder) == ("catalog", "warehouse-report", "till-2-oslo")


def test_a_deploy_hands_them_to_the_charts() -> None:
    values = consumer_values()
    assert values["consumers"] == []
    assert values["stock"] == {"consumers": ["catalog", "warehouse-report"]}


@pytest.mark.parametrize("version", paths.known_versions())
@pytest.mark.parametrize("service", services.NAMES)
def test_charts_let_in_the_callers_that_are_declared(service: str, version: int) -> None:
    values = paths.CHARTS / service / f"v{version}" / "values.yaml"
    clients = yaml.safe_load(values.read_text())["networkPolicy"]["clients"]
    assert tuple(clients) == services.callers(service)
