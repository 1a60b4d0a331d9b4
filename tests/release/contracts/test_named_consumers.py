"""Whoever has a contract with stock has a name in its metrics, and so in what they decide."""

import pytest
import yaml

from release import paths
from release.contracts.consumers import outside


@pytest.mark.parametrize("version", paths.known_versions())
def test_every_consumer_with_a_contract_has_a_name_in_the_metrics(version: int) -> None:
    values = paths.CHARTS / "stock" / f"v{version}" / "values.yaml"
    named = set(yaml.safe_load(values.read_text(encoding="utf-8"))["consumers"])
    # The product of its User-Agent: `Warehouse Report` is `warehouse-report/1.0`.
    contracted = {each.name.lower().replace(" ", "-") for each in outside()}
    assert contracted
    assert named == contracted | {"catalog"}
