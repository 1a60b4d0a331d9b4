"""A version is a folder: pinned exactly, and different only where it must be."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.charts.rendering import CHARTS, DEPENDENTS, Helm

SPACE = "trial"
# Every difference between the versions of a release in one namespace, v1 then v2.
MEANT = {
    ("1", "2"),
    ("1.0.0", "2.0.0"),
    ("catalog-1.0.0", "catalog-2.0.0"),
    ("stock-1.0.0", "stock-2.0.0"),
    ("shop/catalog:1.0.0", "shop/catalog:2.0.0"),
    ("shop/stock:1.0.0", "shop/stock:2.0.0"),
    (f"http://stock.{SPACE}.svc:80/t-shirt", f"http://stock.{SPACE}.svc:80/t-shirts"),
    ("#shop-v1", "#shop-v2"),
}


def described(chart: str) -> Any:
    return yaml.safe_load((CHARTS / chart / "Chart.yaml").read_text())


@pytest.mark.parametrize("chart", DEPENDENTS)
def test_dependencies_are_pinned_to_the_charts_beside(chart: str) -> None:
    for dependency in described(chart)["dependencies"]:
        folder = (CHARTS / chart / dependency["repository"].removeprefix("file://")).resolve()
        target = described(str(folder.relative_to(CHARTS)))
        assert (dependency["name"], dependency["version"]) == (target["name"], target["version"])


@pytest.mark.parametrize("chart", [chart for chart in DEPENDENTS if "/v" in chart])
def test_folder_version_and_monitoring_agree(chart: str) -> None:
    name, major = chart.split("/v")
    description = described(chart)
    assert description["name"] == name
    assert description["version"] == description["appVersion"]
    assert description["version"].split(".")[0] == major
    monitoring = yaml.safe_load((CHARTS / chart / "values.yaml").read_text())["prometheus-operated"]
    assert monitoring == {"component": name, "apiVersion": int(major)}


def test_the_database_s_tag_means_one_minor_version_and_one_distribution() -> None:
    """Others move: a pod that is replaced would get another server."""
    assert re.fullmatch(r"16\.\d+-[a-z]+", described("postgresql")["appVersion"])


def test_catalog_brings_the_stock_of_its_own_version() -> None:
    for major in (1, 2):
        [stock] = [
            d for d in described(f"catalog/v{major}")["dependencies"] if d["name"] == "stock"
        ]
        assert stock["repository"] == f"file://../../stock/v{major}"


def test_versions_differ_only_where_they_must(helm: Helm) -> None:
    options = ("--set", "prometheus-operated.slack.secretName=slack")
    one, two = (
        dict(leaves(helm.render(f"catalog/v{major}", *options, namespace=SPACE).objects))
        for major in (1, 2)
    )
    assert one.keys() == two.keys()
    # The name of a content differs where the content does.
    compared = [path for path in one if "parallel-releases/spec" not in path]
    assert {(one[path], two[path]) for path in compared if one[path] != two[path]} == MEANT


@pytest.mark.parametrize("name", ["catalog", "stock"])
def test_values_and_schemas_of_versions_differ_only_in_the_version(name: str) -> None:
    first, second = (CHARTS / name / f"v{major}" for major in (1, 2))
    changed = (first / "values.yaml").read_text().replace("apiVersion: 1\n", "apiVersion: 2\n")
    assert changed == (second / "values.yaml").read_text()
    schemas = [(folder / "values.schema.json").read_text() for folder in (first, second)]
    assert schemas[0] == schemas[1]


def test_a_patch_of_the_image_is_reported_as_the_version(helm: Helm) -> None:
    release = helm.render("catalog/v1", "--set", "image.tag=1.0.1")
    [container] = release.one("Deployment", "catalog")["spec"]["template"]["spec"]["containers"]
    environment = {each["name"]: each.get("value") for each in container["env"]}
    assert container["image"] == "shop/catalog:1.0.1"
    assert environment["SERVICE_VERSION"] == "1.0.1"
    assert environment["API_VERSION"] == "1"


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar with its path; objects count by kind and name, configuration by its content."""
    if isinstance(node, dict):
        for key, each in node.items():
            content = yaml.safe_load(each) if key == "alertmanager.yaml" else each
            yield from leaves(content, f"{path}/{key}")
    elif isinstance(node, list | tuple):
        for index, each in enumerate(node):
            known = isinstance(each, dict) and "kind" in each and "metadata" in each
            name = f"{each['kind']}:{each['metadata']['name']}" if known else index
            yield from leaves(each, f"{path}/{name}")
    else:
        yield path, node
