"""Two incompatible versions side by side on a cluster, each with monitoring of its own."""

from __future__ import annotations

import json

import pytest

from release.images import contents
from release.model import services
from tests.conftest import eventually
from tests.kubernetes.cluster import Shop

COMPONENTS = [(number, service) for number in (1, 2) for service in services.NAMES]


def test_each_version_speaks_its_own_language(both: Shop) -> None:
    assert both.ask("stock.v1", "/t-shirt").status_code == 200
    assert both.ask("stock.v2", "/t-shirts").status_code == 200
    assert both.ask("stock.v2", "/t-shirt").status_code == 404
    assert both.ask("catalog.v1").json()["t-shirts"]
    assert both.ask("catalog.v2", "/products/surfer-t-shirt").status_code == 200


@pytest.mark.parametrize(("version", "component"), COMPONENTS)
def test_what_runs_is_what_the_gate_verified(both: Shop, version: int, component: str) -> None:
    found = both.get(both.names.version(version), "pods", **{"app.kubernetes.io/name": component})
    [container] = found[0]["spec"]["containers"]
    meant = {each["name"]: each.get("value") for each in container["env"]}["IMAGE_CONTENT"]
    assert meant == contents.content_name(component, version)
    pod = ("exec", found[0]["metadata"]["name"], "-n", both.names.version(version), "--")
    assert both.kubectl(*pod, "cat", "/app/content").strip() == meant


def test_both_sell_from_one_inventory(both: Shop) -> None:
    def left() -> tuple[int, int]:
        one = both.ask("stock.v1", "/t-shirt/plain-t-shirt").json()["quantity"]
        return one, both.ask("stock.v2", "/t-shirts/plain-t-shirt").json()["available"]

    before = left()
    sold = both.ask("stock.v1", "/t-shirt/plain-t-shirt/purchase", "POST", json={"quantity": 2})
    assert sold.status_code == 201
    assert before[0] == before[1]
    assert left() == (before[0] - 2, before[0] - 2)


@pytest.mark.parametrize(("version", "component"), COMPONENTS)
def test_each_component_is_watched_by_a_prometheus_of_its_own(
    both: Shop, version: int, component: str
) -> None:
    namespace = both.names.version(version)
    where = f"services/prometheus-{component}:web"

    def up() -> set[str]:
        found = both.proxied(namespace, where, "/api/v1/query?query=up")["data"]["result"]
        return {f"{each['metric']['service']} {each['value'][1]}" for each in found}

    eventually(lambda: up() == {f"{component} 1"}, what=f"{component} scraped, and nothing else")
    groups = both.proxied(namespace, where, "/api/v1/rules")["data"]["groups"]
    assert "httpRequestsSuspicious" in {rule["name"] for group in groups for rule in group["rules"]}
    status = both.proxied(namespace, f"services/alertmanager-{component}:web", "/api/v2/status")
    assert status["cluster"]["status"] in ("ready", "disabled")


@pytest.mark.parametrize("part", ["prometheus.catalog", "alertmanager.stock"])
def test_the_monitoring_has_no_public_host(both: Shop, part: str) -> None:
    assert both.ask(f"{part}.v1").status_code == 404


@pytest.mark.parametrize("version", [1, 2])
def test_helm_tests_pass(both: Shop, version: int) -> None:
    name = both.names.version(version)
    said = both.helm("test", name, "--namespace", name).stdout
    assert said.count("Succeeded") == 2


def test_status_tells_what_runs(both: Shop) -> None:
    report = json.loads(both.make("status", JSON=1).stdout)
    releases = {each["namespace"]: each for each in report["releases"]}
    first, second = map(both.names.version, (1, 2))
    assert [releases[name]["version"] for name in (first, second)] == [1, 2]
    for each in releases.values():
        assert {process["state"] for process in each["processes"]} == {"running"}
        assert each["unreachable"] == []
    address = both.gateway.replace("127.0.0.1", f"catalog.v1.{both.names.domain}")
    assert f"{address}/" in releases[first]["urls"]


def test_logs_are_those_of_the_process(both: Shop) -> None:
    assert "Listening at" in both.make("logs", VERSION=1, SERVICE="stock").stdout
    assert "level=INFO" in both.make("logs", VERSION=2, SERVICE="prometheus-stock").stdout
    assert both.make("logs", SERVICE="gateway").stdout
    unknown = both.make("logs", VERSION=1, SERVICE="nobody", check=False)
    assert "give one of alertmanager-catalog, alertmanager-stock, catalog," in unknown.stderr


def test_a_fault_is_one_version_s_alone(both: Shop) -> None:
    both.make("fault", VERSION=2, SERVICE="stock", ERRORS=1)
    try:
        assert both.ask("stock.v2", "/t-shirts").status_code == 500
        assert both.ask("stock.v1", "/t-shirt").status_code == 200
    finally:
        both.make("fault", VERSION=2, SERVICE="stock", OFF=1)
    assert both.ask("stock.v2", "/t-shirts").status_code == 200


def test_a_healthy_cluster_lacks_nothing(both: Shop) -> None:
    said = both.make("doctor").stdout
    assert f"fine     the inventory: PostgreSQL in namespace {both.names.shared}" in said
    assert "missing" not in said
