"""Pods can do little, may be called by few, and nothing rendered is worth stealing."""

import json
import re
from itertools import chain

import yaml

from release.model import services
from tests.charts.rendering import CATALOG, Helm, Object, Release, Render

HELD_BACK = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def test_no_object_holds_a_secret(release: Release) -> None:
    text = yaml.safe_dump_all(release.objects)
    assert "hooks.slack.com" not in text
    assert not re.search(r"\w://[^/\s@]*:[^/\s@]+@", text)
    assert not re.search(r"(?i)(password|passwd|token|api_url|api_key)['\"]?:\s*['\"]?\w{3}", text
        .replace("automountServiceAccountToken: false", ""))  # fmt: skip
    for secret in release.all("Secret"):
        assert "data" not in secret
        assert set(secret["stringData"]) == {"alertmanager.yaml"}


def test_containers_can_only_run_their_own_process(release: Release) -> None:
    for name, pod in release.pods():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] > 0, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in spec["containers"]:
            assert container["securityContext"] == HELD_BACK, name
            assert "memory" in container["resources"]["limits"], name
            assert not container["image"].endswith(":latest"), name


def test_operated_pods_do_not_run_as_root_and_are_bounded(release: Release) -> None:
    for each in release.all("Prometheus", "Alertmanager"):
        assert each["spec"]["securityContext"]["runAsNonRoot"] is True
        assert each["spec"]["securityContext"]["runAsUser"] > 0
        assert "memory" in each["spec"]["resources"]["limits"]


def test_accounts_bring_no_token_by_default(release: Release) -> None:
    accounts = list(release.all("ServiceAccount"))
    assert accounts
    assert not any(each["automountServiceAccountToken"] for each in accounts)


def callers(release: Release, policy: str, port: str | int) -> list[Object]:
    """Who may call a port, as the peers of a NetworkPolicy."""
    spec = release.one("NetworkPolicy", policy)["spec"]
    assert spec["policyTypes"] == ["Ingress"]
    rules = [r for r in spec.get("ingress", ()) if port in {each["port"] for each in r["ports"]}]
    return list(chain.from_iterable(rule["from"] for rule in rules))


TRAEFIK = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "traefik"}}}


def by_name(*names: str) -> Object:
    expression = {"key": "app.kubernetes.io/name", "operator": "In", "values": list(names)}
    return {"podSelector": {"matchExpressions": [expression]}}


def prometheus_of(component: str) -> Object:
    own = {"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": component}
    return {"podSelector": {"matchLabels": own}}


def test_stock_is_called_by_traefik_its_catalog_and_its_test_only(scenario: Render) -> None:
    release = scenario(f"{CATALOG}:minimal")
    assert callers(release, "stock", "http") == [TRAEFIK, by_name("catalog", "stock-test")]


def test_catalog_is_called_by_traefik_and_its_test_only(scenario: Render) -> None:
    release = scenario(f"{CATALOG}:minimal")
    assert callers(release, "catalog", "http") == [TRAEFIK, by_name("catalog-test")]


def test_metrics_are_for_the_own_prometheus_only(release: Release) -> None:
    for deployment in release.all("Deployment"):
        name = deployment["metadata"]["name"]
        assert callers(release, name, "metrics") == [prometheus_of(name)]


def test_readers_that_are_named_reach_the_internal_port_and_no_other(helm: Helm) -> None:
    peers = [
        {"ipBlock": {"cidr": "203.0.113.0/28"}},
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "konnectivity-agent"}},
        },
    ]
    given = f"networkPolicy.readers={json.dumps(peers)}"
    options = ["--set-json", given]
    for service in services.NAMES[:-1]:
        options += ["--set-json", f"{service}.{given}"]
    without, release = helm.render(CATALOG), helm.render(CATALOG, *options)
    for name in services.NAMES:
        assert callers(release, name, "metrics") == [prometheus_of(name), *peers]
        assert callers(release, name, "http") == callers(without, name, "http")
        assert callers(release, f"prometheus-{name}", "web") == []


def readers(release: Release, component: str) -> list[Object]:
    """Who may use the web interfaces: Traefik, when it leads there."""
    names = {each["metadata"]["name"] for each in release.all("Ingress")}
    return [TRAEFIK] if f"prometheus-{component}" in names else []


def test_a_prometheus_answers_nobody_unless_it_has_a_host(release: Release) -> None:
    for each in release.all("Prometheus"):
        name = each["metadata"]["name"]
        assert callers(release, f"prometheus-{name}", "web") == readers(release, name)


def test_an_alertmanager_hears_its_own_prometheus_and_its_members(release: Release) -> None:
    for each in release.all("Alertmanager"):
        name = each["metadata"]["name"]
        policy = f"alertmanager-{name}"
        wanted = [*readers(release, name), prometheus_of(name)]
        assert callers(release, policy, "web") == wanted
        members = release.one("NetworkPolicy", policy)["spec"]["podSelector"]
        assert callers(release, policy, 9094) == [{"podSelector": members}]


def test_every_pod_is_behind_a_policy(release: Release) -> None:
    policies = {each["metadata"]["name"] for each in release.all("NetworkPolicy")}
    services = {each["metadata"]["name"] for each in release.all("Service")}
    assert policies == services
