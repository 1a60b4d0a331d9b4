"""A version is a folder: pinned exactly, different only where it must be, copied and deleted."""

import re
import shutil
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

import pytest
import yaml

from release.model import services
from tests.charts.rendering import (
    CATALOG,
    CHARTS,
    DEPENDENTS,
    NEWEST,
    VERSIONS,
    Helm,
    Release,
    program,
)
from tests.charts.test_hosts import PARTS, PUBLIC

SPACE = "trial"
NEXT = NEWEST + 1


def meant(one: str, two: str) -> set[tuple[str, str]]:
    """Every difference between charts of these versions in one namespace, but for the path that
    `helm test` asks for.
    """
    of_services = (f"{name}-{{}} shop/{name}:{{}}".split() for name in services.NAMES)
    of_chart = ("{}", *chain.from_iterable(of_services))
    old, new = (version.partition(".")[0] for version in (one, two))
    found = {(pattern.format(one), pattern.format(two)) for pattern in of_chart}
    return found | {(old, new), (f"#shop-v{old}", f"#shop-v{new}")}


def differences(one: Release, two: Release) -> set[tuple[str, str]]:
    first, second = (dict(leaves(each.objects)) for each in (one, two))
    assert first.keys() == second.keys()
    # The name of a content differs where the content does.
    ignored = re.compile("parallel-releases/spec|/Pod:[a-z]+-test/spec/")
    compared = (path for path in first if not ignored.search(path))
    return {(first[path], second[path]) for path in compared if first[path] != second[path]}


def described(chart: str) -> Any:
    return yaml.safe_load((CHARTS / chart / "Chart.yaml").read_text())


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Charts of the newest version, copied with nothing but the numbers of Chart.yaml changed, in a
    tree where the oldest version has been deleted.
    """
    folder = tmp_path_factory.mktemp("copied")
    charts = folder / "source"
    shutil.copytree(CHARTS, charts, ignore=shutil.ignore_patterns("Chart.lock"))
    for service in services.NAMES:
        copy = charts / service / f"v{NEXT}"
        shutil.copytree(charts / service / f"v{NEWEST}", copy)
        shutil.rmtree(charts / service / f"v{VERSIONS[0]}")
        chart = yaml.safe_load((copy / "Chart.yaml").read_text())
        chart["version"] = chart["appVersion"] = f"{NEXT}.0.0"
        for dependency in chart["dependencies"]:
            if dependency["name"] in services.NAMES:
                dependency["version"] = f"{NEXT}.0.0"
                dependency["repository"] = f"file://../../{dependency['name']}/v{NEXT}"
        (copy / "Chart.yaml").write_text(yaml.safe_dump(chart))
    left = [
        f"{service}/v{number}" for service in services.NAMES for number in (*VERSIONS[1:], NEXT)
    ]
    return Helm(program("helm"), folder, charts, left)


def test_the_next_version_begins_as_a_copy(helm: Helm, copied: Helm) -> None:
    release = copied.render(f"catalog/v{NEXT}", *PUBLIC)
    assert release.hosts() == {f"{part}.v{NEXT}.shop.localhost" for part in PARTS}
    options = ("--set", "prometheus-operated.slack.secretName=slack")
    now, after = (
        each.render(f"catalog/v{number}", *options, namespace=SPACE)
        for each, number in ((helm, NEWEST), (copied, NEXT))
    )
    assert differences(now, after) == meant(described(CATALOG)["version"], f"{NEXT}.0.0")


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_no_version_needs_an_older_one(helm: Helm, copied: Helm, version: int) -> None:
    chart = f"catalog/v{version}"
    assert copied.render(chart) == helm.render(chart)


@pytest.mark.parametrize("chart", DEPENDENTS)
def test_dependencies_are_pinned_to_the_charts_beside(chart: str) -> None:
    for dependency in described(chart)["dependencies"]:
        folder = (CHARTS / chart / dependency["repository"].removeprefix("file://")).resolve()
        target = described(str(folder.relative_to(CHARTS)))
        assert (dependency["name"], dependency["version"]) == (target["name"], target["version"])


@pytest.mark.parametrize("chart", [chart for chart in DEPENDENTS if "/v" in chart])
def test_a_chart_is_of_the_service_and_version_of_its_folder(chart: str) -> None:
    name, major = chart.split("/v")
    description = described(chart)
    assert description["name"] == name
    assert description["version"] == description["appVersion"]
    assert description["version"].split(".")[0] == major


def test_the_database_s_tag_means_one_minor_version_and_one_distribution() -> None:
    """Others move: a pod that is replaced would get another server."""
    assert re.fullmatch(r"16\.\d+-[a-z]+", described("postgresql")["appVersion"])


@pytest.mark.parametrize("version", VERSIONS)
def test_catalog_brings_the_stock_of_its_own_version(version: int) -> None:
    dependencies = described(f"catalog/v{version}")["dependencies"]
    [stock] = [each for each in dependencies if each["name"] == "stock"]
    assert stock["repository"] == f"file://../../stock/v{version}"


@pytest.mark.parametrize(("one", "two"), list(pairwise(VERSIONS)))
def test_versions_differ_only_where_they_must(helm: Helm, one: int, two: int) -> None:
    options = ("--set", "prometheus-operated.slack.secretName=slack")
    first, second = (
        helm.render(f"catalog/v{version}", *options, namespace=SPACE) for version in (one, two)
    )
    numbers = (described(f"catalog/v{version}")["version"] for version in (one, two))
    assert differences(first, second) == meant(*numbers)


@pytest.mark.parametrize("file", ["values.yaml", "values.schema.json"])
@pytest.mark.parametrize("name", services.NAMES)
def test_versions_have_the_same_values(name: str, file: str) -> None:
    assert len({(CHARTS / name / f"v{version}" / file).read_text() for version in VERSIONS}) == 1


def test_a_patch_of_the_image_is_reported_as_the_version(helm: Helm) -> None:
    release = helm.render(CATALOG, "--set", "image.tag=1.0.1")
    [container] = release.one("Deployment", "catalog")["spec"]["template"]["spec"]["containers"]
    environment = {each["name"]: each.get("value") for each in container["env"]}
    assert container["image"] == "shop/catalog:1.0.1"
    assert environment["SERVICE_VERSION"] == "1.0.1"
    assert environment["API_VERSION"] == str(NEWEST)


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
