"""The dashboards ask data sources that there are, and know no version by its number."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DASHBOARDS = sorted((ROOT / "monitoring" / "dashboards").glob("*.json"))
SOURCES = yaml.safe_load((ROOT / "compose/grafana/datasources/prometheus.yaml").read_text())
NAMES = [each["name"] for each in SOURCES["datasources"]]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_every_question_reaches_each_version_or_the_gateway(path: Path) -> None:
    dashboard = json.loads(path.read_text())
    variables = {f"${{{each['name']}}}": each for each in dashboard["templating"]["list"]}
    for panel in dashboard["panels"]:
        # Only this kind of panel asks each source that a variable stands for.
        assert panel["datasource"]["uid"] == "-- Mixed --"
        for target in panel["targets"]:
            source = target["datasource"]["uid"]
            assert source == "gateway" or len(sources(variables[source])) > 0, panel["title"]


def test_a_variable_stands_for_every_version_of_its_service() -> None:
    dashboard = json.loads((ROOT / "monitoring/dashboards/versions.json").read_text())
    found = [name for each in dashboard["templating"]["list"] for name in sources(each)]
    assert sorted(found) == sorted(set(NAMES) - {"gateway"})


def sources(variable: dict[str, Any]) -> list[str]:
    """The data sources that a variable stands for, unless a visitor chooses among them."""
    assert (variable["type"], variable["multi"], variable["includeAll"]) == (
        "datasource", True, True,
    )  # fmt: skip
    return [name for name in NAMES if re.fullmatch(variable["regex"].strip("/"), name)]
