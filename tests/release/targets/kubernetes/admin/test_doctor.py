"""What `make doctor` finds in a cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from release.model.names import Names
from release.targets.kubernetes.admin.doctor import Finding, examine
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.traefik import Traefik
from tests.conftest import NEWEST


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
    api.create("/api/v1/pods", {**body, "status": {"phase": "Running", "conditions": conditions}})


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
    assert found.state == "does not run"
    assert found.advice.startswith("make platform")


def refuse(api: Api, namespace: str, *asked: str) -> None:
    for name in asked:
        api.create(f"/refused/{namespace}", {"metadata": {"name": name}})


def test_rights_that_are_there(api: Api) -> None:
    assert findings(api, "your rights") == [Finding("your rights", "all that a release needs")]


def test_rights_that_are_missing_are_named_with_their_namespace(api: Api) -> None:
    for item in ("monitoring.coreos.com/v1", "traefik.io/v1alpha1"):
        group, _, version = item.partition("/")
        api.create(f"/apis/{group}", {"metadata": {"name": version}})
    refuse(api, "", "create namespaces")
    rights = ("get pods log", "create deployments", "patch deployments", "list secrets")
    refuse(api, f"qv{NEWEST}", *rights)
    refuse(api, "entrypoint", "delete traefikservices")
    refuse(api, "shop", "update leases")
    refuse(api, "traefik", "get pods proxy", "create roles")
    # Nobody needs these.
    refuse(api, "kube-system", "list pods")
    refuse(api, "qv99", "create traefikservices", "create leases")
    assert {each.about: each.state for each in findings(api, "your rights")} == {
        "your rights in the whole cluster": "without namespaces (create)",
        f"your rights in qv{NEWEST}": (
            "without secrets (list), deployments.apps (create patch), pods/log (get)"
        ),
        "your rights in entrypoint": "without traefikservices.traefik.io (delete)",
        "your rights in shop": "without leases.coordination.k8s.io (update)",
        "your rights in traefik": (
            "without roles.rbac.authorization.k8s.io (create), pods/proxy (get)"
        ),
    }
    assert all(each.advice and each.needed for each in findings(api, "your rights"))


def test_rights_about_kinds_that_are_missing_are_not_asked_for(api: Api) -> None:
    refuse(api, "entrypoint", "create traefikservices")
    assert findings(api, "your rights") == [Finding("your rights", "all that a release needs")]


def test_what_only_a_rehearsal_takes_is_advised(api: Api) -> None:
    refuse(api, f"qv{NEWEST}", "create pods proxy")
    [finding] = findings(api, "rehearsals")
    assert (finding.about, finding.needed) == (f"rehearsals in qv{NEWEST}", False)
    assert finding.state == "without pods/proxy (create)"
