"""Who may do what, proved by what is refused."""

from __future__ import annotations

import json

from release.model import services
from tests.conftest import eventually
from tests.kubernetes.cluster import PYTHON, Shop

# Two of them: Alertmanager's and Prometheus' containers are the operator's own affair.
TARGETS = {
    "stock": "stock.{first}.svc:80",
    "stock's internal port": "stock.{first}.svc:9102",
    "catalog": "catalog.{first}.svc:80",
    "catalog's internal port": "catalog.{first}.svc:9102",
    "prometheus": "prometheus-stock.{first}.svc:9090",
    "alertmanager": "alertmanager-stock.{first}.svc:9093",
    "the inventory": "postgresql.{shared}.svc:5432",
}
KNOCK = """
import json, socket, time
from concurrent.futures import ThreadPoolExecutor
def opens(address):
    host, port = address.split(":")
    said = ""
    for _ in range(10):
        try:
            socket.create_connection((host, int(port)), timeout=4).close()
        except TimeoutError:
            return "refused"
        except OSError as error:
            # Nobody refuses by saying so: there is no pod at the moment, or no name.
            said = str(error)
            time.sleep(1)
        else:
            return "open"
    return said
targets = {targets}
with ThreadPoolExecutor() as pool:
    print(json.dumps(dict(zip(targets, pool.map(opens, targets.values())))))
"""


def guarded(shop: Shop) -> list[str]:
    """The namespaces of the versions, and of the inventory."""
    return [*map(shop.names.version, (1, 2)), shop.names.shared]


def knock(shop: Shop, namespace: str, name: str, labels: dict[str, str]) -> set[str]:
    """What a pod with these labels can open a connection to."""
    places = {"first": shop.names.version(1), "shared": shop.names.shared}
    targets = {target: address.format(**places) for target, address in TARGETS.items()}
    said = shop.python(namespace, name, KNOCK.replace("{targets}", repr(targets)), labels)
    outcomes = json.loads(said)
    assert set(outcomes.values()) <= {"open", "refused"}, outcomes
    return {target for target, outcome in outcomes.items() if outcome == "open"}


def test_a_stranger_reaches_nothing(both: Shop, space: str) -> None:
    assert knock(both, space, "stranger", {}) == set()


def test_a_stranger_that_calls_itself_catalog_reaches_nothing(both: Shop, space: str) -> None:
    assert knock(both, space, "catalog", {"app.kubernetes.io/name": "catalog"}) == set()


def test_the_catalog_of_another_version_does_not_reach_stock(both: Shop) -> None:
    labels = {"app.kubernetes.io/name": "catalog"}
    assert knock(both, both.names.version(2), "other", labels) == set()


def reaches_only(shop: Shop, labels: dict[str, str], targets: set[str]) -> None:
    """What a pod of version 1 with these labels opens connections to. Whoever enforces the policies
    may learn the address of a new pod later than it knocks, and then refuses it everything.
    """

    def all_of_them() -> bool:
        reached = knock(shop, shop.names.version(1), "knocking", labels)
        assert reached <= targets
        return reached == targets

    eventually(all_of_them, limit=60, what=f"connections to {', '.join(sorted(targets))}")


def test_its_own_catalog_reaches_stock_and_no_more(both: Shop) -> None:
    reaches_only(both, {"app.kubernetes.io/name": "catalog"}, {"stock"})


def test_only_its_own_prometheus_reaches_the_internal_port(both: Shop) -> None:
    labels = {"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": "stock"}
    reaches_only(both, labels, {"stock's internal port", "alertmanager"})


def test_stock_reaches_the_inventory(both: Shop) -> None:
    reaches_only(both, {"app.kubernetes.io/name": "stock-migration"}, {"the inventory"})


def test_pods_that_may_do_more_are_refused(both: Shop) -> None:
    for namespace in guarded(both):
        given = ("run", "root", f"--image={PYTHON}", "--namespace", namespace)
        assert 'violates PodSecurity "restricted' in both.kubectl(*given, check=False), namespace


def test_tokens_are_mounted_only_where_the_api_server_is_asked(both: Shop) -> None:
    mounted = {
        pod["metadata"]["labels"]["app.kubernetes.io/name"]
        for namespace in (both.names.version(1), both.names.shared)
        for pod in both.get(namespace, "pods")
        for volume in pod["spec"].get("volumes", ())
        if "serviceAccountToken" in json.dumps(volume)
    }
    assert mounted == {"prometheus"}


def test_no_record_and_no_pod_holds_a_secret(both: Shop) -> None:
    shared = both.names.shared
    [secret] = [s for s in both.get(shared, "secrets") if s["metadata"]["name"] == "postgresql"]
    password = both.kubectl(
        "get", "secret", "postgresql", "--namespace", shared,
        "--output", "go-template={{.data.password | base64decode}}",
    )  # fmt: skip
    assert len(password) > 20
    versions = map(both.names.version, (1, 2))
    told = [both.helm("get", "all", name, "--namespace", name).stdout for name in versions]
    told.append(both.helm("get", "all", "postgresql", "--namespace", shared).stdout)
    for namespace in guarded(both):
        told.append(both.kubectl("get", "pods,jobs,configmaps", "-n", namespace, "-o", "yaml"))
        told.append(both.kubectl("get", "events", "-n", namespace, "-o", "yaml"))
    told += [both.make("logs", VERSION=1, SERVICE=name).stdout for name in services.NAMES]
    assert not any(password in text for text in told)
    assert secret["metadata"]["labels"]["app.kubernetes.io/part-of"] == both.names.shop
