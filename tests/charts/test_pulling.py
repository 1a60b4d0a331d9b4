"""Who pulls the images: a registry may ask for a login."""

import json

import pytest

from tests.charts.rendering import CATALOG, RELEASES, Helm, Object, Release

DEPLOYED = (*RELEASES, "entrypoint", "postgresql")


def logins(release: Release) -> dict[str, list[Object] | None]:
    """What everything that has or makes pods names."""
    specs = {f"pod of {name}": pod["spec"] for name, pod in release.pods()}
    for each in release.all("Prometheus", "Alertmanager"):
        specs[f"{each['kind']} {each['metadata']['name']}"] = each["spec"]
    return {what: spec.get("imagePullSecrets") for what, spec in specs.items()}


@pytest.mark.parametrize("chart", DEPLOYED)
def test_every_pod_of_a_release_pulls_with_the_login_that_is_given(helm: Helm, chart: str) -> None:
    # Names that are no text to YAML unless they are quoted.
    given = ["registry-login", "007"]
    release = helm.render(chart, "--set-json", f"global.imagePullSecrets={json.dumps(given)}")
    found = logins(release)
    assert found
    assert found == {what: [{"name": name} for name in given] for what in found}


@pytest.mark.parametrize("chart", DEPLOYED)
def test_a_registry_that_asks_for_none_gets_none(helm: Helm, chart: str) -> None:
    found = logins(helm.render(chart))
    assert found == dict.fromkeys(found)


def test_a_login_is_named_and_not_given(helm: Helm) -> None:
    said = helm.refusal(CATALOG, "--set-json", 'global.imagePullSecrets=["robot:horse"]')
    assert "at '/global/imagePullSecrets/0': 'robot:horse' does not match" in said
