"""Who may do what, proved by what is refused."""

from __future__ import annotations

import json

import pytest

from tests.kubernetes.cluster import Shop

# Two of them: Alertmanager's and Prometheus' containers are the operator's own affair.
TARGETS = {
    "stock": "stock.qv1.svc:80",
    "stock's internal port": "stock.qv1.svc:9102",
    "catalog": "catalog.qv1.svc:80",
    "catalog's internal port": "catalog.qv1.svc:9102",
    "prometheus": "prometheus-stock.qv1.svc:9090",
    "alertmanager": "alertmanager-stock.qv1.svc:9093",
    "the inventory": "postgresql.shop.svc:5432",
}
KNOCK = """
import json, socket
from concurrent.futures import ThreadPoolExecutor
def opens(address):
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=4).close()
    except TimeoutError:
        return "refused"
    return "open"
targets = {targets}
with ThreadPoolExecutor() as pool:
    print(json.dumps(dict(zip(targets, pool.map(opens, targets.values())))))
"""


def knock(shop: Shop, namespace: str, name: str, labels: dict[str, str]) -> set[str]:
    """What a pod with these labels can open a connection to."""
    said = shop.python(namespace, name, KNOCK.replace("{targets}", repr(TARGETS)), labels)
    return {target for target, outcome in json.loads(said).items() if outcome == "open"}


def test_a_stranger_reaches_nothing(both: Shop, space: str) -> None:
    assert knock(both, space, "stranger", {}) == set()


def test_a_stranger_that_calls_itself_catalog_reaches_nothing(both: Shop, space: str) -> None:
    assert knock(both, space, "catalog", {"app.kubernetes.io/name": "catalog"}) == set()


def test_the_catalog_of_another_version_does_not_reach_stock(both: Shop) -> None:
    assert knock(both, "qv2", "other", {"app.kubernetes.io/name": "catalog"}) == set()


def test_its_own_catalog_reaches_stock_and_no_more(both: Shop) -> None:
    labels = {"app.kubernetes.io/name": "catalog"}
    assert knock(both, "qv1", "knocking", labels) == {"stock"}


def test_only_its_own_prometheus_reaches_the_internal_port(both: Shop) -> None:
    labels = {"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": "stock"}
    assert knock(both, "qv1", "knocking", labels) == {"stock's internal port", "alertmanager"}


def test_stock_reaches_the_inventory(both: Shop) -> None:
    labels = {"app.kubernetes.io/name": "stock-migration"}
    assert knock(both, "qv1", "knocking", labels) == {"the inventory"}


@pytest.mark.parametrize("namespace", ["qv1", "qv2", "shop"])
def test_pods_that_may_do_more_are_refused(both: Shop, namespace: str) -> None:
    said = both.kubectl(
        "--namespace", namespace, "run", "root", "--image=docker.io/shop/notice:1.0.0", check=False
    )
    assert 'violates PodSecurity "restricted' in said


def test_tokens_are_mounted_only_where_the_api_server_is_asked(both: Shop) -> None:
    mounted = {
        pod["metadata"]["labels"]["app.kubernetes.io/name"]
        for namespace in ("qv1", "shop")
        for pod in both.get(namespace, "pods")
        for volume in pod["spec"].get("volumes", ())
        if "serviceAccountToken" in json.dumps(volume)
    }
    assert mounted == {"prometheus"}


def test_no_record_and_no_pod_holds_a_secret(both: Shop) -> None:
    [secret] = [s for s in both.get("shop", "secrets") if s["metadata"]["name"] == "postgresql"]
    password = both.kubectl(
        "get", "secret", "postgresql", "--namespace", "shop",
        "--output", "go-template={{.data.password | base64decode}}",
    )  # fmt: skip
    assert len(password) > 20
    told = [both.helm("get", "all", name, "--namespace", name).stdout for name in ("qv1", "qv2")]
    told.append(both.helm("get", "all", "postgresql", "--namespace", "shop").stdout)
    for namespace in ("qv1", "qv2", "shop"):
        told.append(both.kubectl("get", "pods,jobs,configmaps", "-n", namespace, "-o", "yaml"))
        told.append(both.kubectl("get", "events", "-n", namespace, "-o", "yaml"))
    told += [both.make("logs", VERSION=1, SERVICE=name).stdout for name in ("stock", "catalog")]
    assert not any(password in text for text in told)
    assert secret["metadata"]["labels"]["app.kubernetes.io/part-of"] == "shop"
