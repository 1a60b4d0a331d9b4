"""Every object is one that the API server, or the operator, would accept."""

import os
from collections.abc import Mapping

import kubernetes_validate
import pytest
from jsonschema import ValidationError
from jsonschema.protocols import Validator

from tests.charts import custom_resources
from tests.charts.rendering import Release, Render

KUBERNETES = "1.34.0"
CUSTOM = ("monitoring.coreos.com/v1", "traefik.io/v1alpha1")


@pytest.fixture(scope="session")
def definitions() -> Mapping[str, Validator]:
    files = custom_resources.files()
    if files is None:
        reason = "the definitions of custom resources need Go, or a folder of them in CRDS"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return custom_resources.validators(files)


def test_every_kubernetes_object_is_valid(release: Release) -> None:
    checked = [each for each in release.objects if each["apiVersion"] not in CUSTOM]
    for each in checked:
        kubernetes_validate.validate(each, KUBERNETES, strict=True)
    assert checked


def test_a_misspelt_field_is_noticed(scenario: Render) -> None:
    service = scenario("stock/v1:minimal").one("Service", "stock")
    with pytest.raises(kubernetes_validate.ValidationError, match="selectors"):
        kubernetes_validate.validate(
            service | {"spec": service["spec"] | {"selectors": {}}}, KUBERNETES, strict=True
        )


def test_every_custom_resource_is_valid(
    release: Release, definitions: Mapping[str, Validator]
) -> None:
    for each in release.objects:
        if each["apiVersion"] in CUSTOM:
            definitions[f"{each['apiVersion']} {each['kind']}"].validate(each)


def test_every_kind_of_custom_resource_was_among_them(scenario: Render) -> None:
    rendered = [*scenario("entrypoint:canary").objects, *scenario("catalog/v2:laptop").objects]
    kinds = {each["kind"] for each in rendered if each["apiVersion"] in CUSTOM}
    assert kinds == {
        "Alertmanager",
        "IngressRoute",
        "Middleware",
        "Prometheus",
        "PrometheusRule",
        "ServiceMonitor",
        "TraefikService",
    }


def test_a_misspelt_field_of_a_custom_resource_is_noticed(
    scenario: Render, definitions: Mapping[str, Validator]
) -> None:
    prometheus = scenario("stock/v1:minimal").one("Prometheus", "stock")
    misspelt = prometheus | {"spec": prometheus["spec"] | {"externalURL": "http://example.com"}}
    with pytest.raises(ValidationError, match="externalURL"):
        definitions["monitoring.coreos.com/v1 Prometheus"].validate(misspelt)
