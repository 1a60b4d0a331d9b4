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
MONITORING = "monitoring.coreos.com/v1"


@pytest.fixture(scope="session")
def definitions() -> Mapping[str, Validator]:
    folder = custom_resources.folder()
    if folder is None:
        reason = "the operator's definitions need Go, or a folder of them in CRDS"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return custom_resources.validators(folder)


def test_every_kubernetes_object_is_valid(release: Release) -> None:
    checked = [each for each in release.objects if each["apiVersion"] != MONITORING]
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
    checked = [each for each in release.objects if each["apiVersion"] == MONITORING]
    for each in checked:
        definitions[each["kind"]].validate(each)
    assert checked


def test_a_misspelt_field_of_a_custom_resource_is_noticed(
    scenario: Render, definitions: Mapping[str, Validator]
) -> None:
    prometheus = scenario("stock/v1:minimal").one("Prometheus", "stock")
    misspelt = prometheus | {"spec": prometheus["spec"] | {"externalURL": "http://example.com"}}
    with pytest.raises(ValidationError, match="externalURL"):
        definitions["Prometheus"].validate(misspelt)
