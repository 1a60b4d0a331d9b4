"""The linters of rendered charts notice what they are there for. What they say of the charts
themselves is for `make lint`.
"""

import os
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from tests.charts.lint import linters
from tests.charts.rendering import CATALOG, STOCK, Object, Render

# Kind of an object named stock -> where a field is added that it does not have.
MISSPELT = {
    "Service": ("spec", "selectors"),
    "Deployment": ("metadata", "label"),
    "Prometheus": ("spec", "externalURL"),
    "Alertmanager": ("metadata", "label"),
}
Change = Callable[[Object], object]
UNSAFE: dict[str, tuple[Change, str]] = {
    "writes where it likes": (
        lambda container: container["securityContext"].pop("readOnlyRootFilesystem"),
        "The pod has a container with a writable root filesystem",
    ),
    "says nothing of its security": (
        lambda container: container.pop("securityContext"),
        "Container has no configured security context",
    ),
    "takes all memory": (
        lambda container: container["resources"].pop("limits"),
        "Memory limit is not set",
    ),
    "gets requests too early": (
        lambda container: container.pop("readinessProbe"),
        "Container is missing a readinessProbe",
    ),
    "is whatever was pushed last": (
        lambda container: container.update(image="shop/stock:latest"),
        "Image with latest tag",
    ),
}


@pytest.fixture(scope="module", autouse=True)
def go() -> None:
    if not shutil.which("go"):
        reason = "kubeconform and kube-score are built with Go: .ci/packages"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="module")
def kubeconform(tmp_path_factory: pytest.TempPathFactory) -> linters.Kubeconform:
    return linters.kubeconform(tmp_path_factory.mktemp("schemas"))


@pytest.fixture(scope="module")
def kube_score() -> linters.KubeScore:
    return linters.kube_score()


@pytest.mark.parametrize("kind", MISSPELT)
def test_a_misspelt_field_is_noticed(
    scenario: Render, kubeconform: linters.Kubeconform, tmp_path: Path, kind: str
) -> None:
    place, name = MISSPELT[kind]
    found = deepcopy(scenario(f"{STOCK}:minimal").one(kind, "stock"))
    found[place][name] = {}
    assert_said(name, kubeconform.complaints(written(tmp_path, found).parent))


def test_a_field_that_is_there_twice_is_noticed(
    kubeconform: linters.Kubeconform, tmp_path: Path
) -> None:
    (tmp_path / "twice.yaml").write_text("apiVersion: v1\nkind: Service\nspec: {}\nspec: {}\n")
    assert_said('key "spec" already set', kubeconform.complaints(tmp_path))


def test_no_kind_is_skipped(kubeconform: linters.Kubeconform, tmp_path: Path) -> None:
    unknown = {"apiVersion": "shop.example/v1", "kind": "TShirt", "metadata": {"name": "surfer"}}
    found = kubeconform.complaints(written(tmp_path, unknown).parent)
    assert_said("could not find schema for TShirt", found)


def test_every_kind_of_custom_resource_is_among_the_scenarios(scenario: Render) -> None:
    rendered = [*scenario("entrypoint:canary").objects, *scenario(f"{CATALOG}:laptop").objects]
    custom = ("monitoring.coreos.com/v1", "traefik.io/v1alpha1")
    assert {each["kind"] for each in rendered if each["apiVersion"] in custom} == {
        "Alertmanager",
        "IngressRoute",
        "Middleware",
        "Prometheus",
        "PrometheusRule",
        "ServiceMonitor",
        "TraefikService",
    }


@pytest.mark.parametrize("flaw", UNSAFE)
def test_an_unsafe_container_is_noticed(
    scenario: Render, kube_score: linters.KubeScore, tmp_path: Path, flaw: str
) -> None:
    change, complaint = UNSAFE[flaw]
    objects = deepcopy(scenario(f"{STOCK}:minimal").objects)
    [deployment] = [each for each in objects if each["kind"] == "Deployment"]
    change(deployment["spec"]["template"]["spec"]["containers"][0])
    found = kube_score.complaints(written(tmp_path, *objects), linters.IGNORED)
    assert_said(complaint, found)


@pytest.mark.parametrize("chart", [STOCK, *linters.IGNORED_IN])
def test_no_check_is_ignored_that_would_say_nothing(
    scenario: Render, kube_score: linters.KubeScore, tmp_path: Path, chart: str
) -> None:
    file = written(tmp_path, *scenario(f"{chart}:minimal").objects)
    own = linters.IGNORED_IN.get(chart, linters.IGNORED)
    for check in own:
        others = [each for each in linters.ignored(f"{chart}:minimal") if each != check]
        assert kube_score.complaints(file, others), check


def written(folder: Path, *objects: Object) -> Path:
    file = folder / "rendered.yaml"
    file.write_text(yaml.safe_dump_all(objects))
    return file


def assert_said(text: str, complaints: list[str]) -> None:
    assert any(text in line for line in complaints), complaints
