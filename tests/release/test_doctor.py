"""What `make doctor` finds in a cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from release.names import Names
from release.targets.kubernetes.api import Api
from release.targets.kubernetes.doctor import Finding, examine
from release.targets.kubernetes.traefik import Traefik


@pytest.fixture
def api(server: Api) -> Iterator[Api]:
    yield server
    server.delete("/")


def findings(api: Api, about: str) -> list[Finding]:
    found = examine(api, Traefik(api, "traefik"), None, Names())
    return [each for each in found if each.about.startswith(about)]


def run(api: Api, image: str, *, ready: bool = True) -> None:
    """A pod, somewhere."""
    conditions = [{"type": "Ready", "status": str(ready)}]
    metadata = {"name": "pod", "namespace": "monitoring"}
    body = {"metadata": metadata, "spec": {"containers": [{"image": image}]}}
    api.create("/api/v1/pods", {**body, "status": {"conditions": conditions}})


@pytest.mark.parametrize(
    "image",
    [
        "quay.io/prometheus-operator/prometheus-operator:v0.85.0",
        "mirror.example:5000/prometheus-operator",
        "mirror.example/x/prometheus-operator:v1@sha256:0123",
        "prometheus-operator@sha256:0123",
    ],
)
def test_an_operator_is_known_by_its_image(api: Api, image: str) -> None:
    run(api, image)
    assert findings(api, "Prometheus Operator") == [
        Finding("Prometheus Operator", "monitoring/pod")
    ]


@pytest.mark.parametrize(
    ("image", "ready"),
    [
        ("quay.io/prometheus-operator/prometheus-config-reloader:v0.85.0", True),
        ("quay.io/prometheus-operator/prometheus-operator:v0.85.0", False),
    ],
)
def test_what_it_leaves_behind_is_no_operator(api: Api, image: str, ready: bool) -> None:
    run(api, image, ready=ready)
    [found] = findings(api, "Prometheus Operator")
    assert found.found == "does not run"
    assert found.advice.startswith("make platform")
