"""A release counts when every Traefik routes it that answers clients; their pods come and go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from release.errors import ReleaseError, UnansweredError
from release.model.release import Release
from release.targets.kubernetes import route_propagation
from release.targets.kubernetes.client import pods
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.traefik import Routes, Traefik

PODS = "/api/v1/namespaces/traefik/pods"
MATCH = "Host(`shop.example`)"
ROUTER = {"name": "shop-entrypoint-shop-0a1b@kubernetescrd", "rule": MATCH, "status": "enabled"}


def release(namespace: str, kind: str, name: str, **spec: Any) -> Release:
    """One that consists of one object."""
    item = {"kind": kind, "metadata": {"name": name}, "spec": spec}
    return Release(namespace, 1, Path("nowhere"), "1.0.0", {}, [item])


ROUTES = release("shop-entrypoint", "IngressRoute", "shop", routes=[{"match": MATCH}])
NOWHERE = (
    "no Traefik runs in namespace traefik: make platform, or say where with TRAEFIK_NAMESPACE="
)


@pytest.fixture
def cluster(server: Api) -> Iterator[Api]:
    yield server
    server.delete("/")


def start(api: Api, name: str, *, ready: bool = True, leaving: bool = False) -> None:
    """A pod of Traefik, of which `tell` says what it routes."""
    metadata = {"name": name, "labels": {}} | ({"deletionTimestamp": "now"} if leaving else {})
    arguments = ["--entrypoints.traefik.address=:8080"]
    container = {"name": "traefik", "args": arguments}
    conditions = [{"type": "Ready", "status": str(ready)}]
    api.create(
        PODS,
        {
            "metadata": metadata,
            "spec": {"containers": [container]},
            "status": {"phase": "Running", "conditions": conditions},
        },
    )


def tell(api: Api, pod: str, *routers: dict[str, Any], services: Sequence[Any] = ()) -> None:
    for kind, answer in (("routers", list(routers)), ("services", list(services))):
        body = {"metadata": {"name": kind}, "answer": answer}
        api.create(f"{PODS}/{pod}:8080/proxy/api/http", body)


class Asked(Traefik):
    """Tells whether it was asked once."""

    once = Event()

    def routes(self) -> list[Routes]:
        try:
            return super().routes()
        finally:
            self.once.set()


def served(api: Api, traefik: Traefik | None = None, release: Release = ROUTES) -> str:
    """Nothing when the release is, else what is said."""
    try:
        route_propagation.await_routes(api, traefik or Traefik(api, "traefik"), release)
    except ReleaseError as error:
        return str(error)
    return ""


def test_a_pod_that_does_not_tell_yet_is_asked_again(cluster: Api) -> None:
    start(cluster, "traefik-1")
    with ThreadPoolExecutor() as pool:
        traefik = Asked(cluster, "traefik")
        waiting = pool.submit(served, cluster, traefik)
        assert traefik.once.wait(60)
        tell(cluster, "traefik-1", ROUTER)
        assert waiting.result(60) == ""


@pytest.mark.parametrize("beside", [{"leaving": True}, {"ready": False}])
def test_pods_that_get_no_new_requests_are_not_asked(cluster: Api, beside: dict[str, bool]) -> None:
    start(cluster, "traefik-1")
    tell(cluster, "traefik-1", ROUTER)
    start(cluster, "traefik-2", **beside)
    assert served(cluster) == ""


def test_all_are_asked_when_none_seems_ready(cluster: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_propagation, "_LIMIT", 0)
    start(cluster, "traefik-1", ready=False)
    tell(cluster, "traefik-1")
    expected = "Traefik does not serve the routes of shop-entrypoint-shop (pod traefik-1)"
    assert served(cluster) == expected


def test_nothing_is_served_where_no_traefik_runs(
    cluster: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route_propagation, "_LIMIT", 0)
    assert served(cluster) == NOWHERE
    start(cluster, "traefik-1", leaving=True)
    assert served(cluster) == NOWHERE


def test_what_a_traefik_routes_that_never_tells_is_not_known(
    cluster: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a shift tries again."""
    monkeypatch.setattr(route_propagation, "_LIMIT", 0)
    start(cluster, "traefik-1")
    with pytest.raises(UnansweredError):
        route_propagation.await_routes(cluster, Traefik(cluster, "traefik"), ROUTES)
    assert "what it routes (pod traefik-1, port 8080): start it with --api.insec" in served(cluster)


BACKEND = {"backend": {"service": {"name": "stock"}}}
RULE = {"host": "stock.v1.example", "http": {"paths": [BACKEND]}}
HOST = release("qv1", "Ingress", "stock", rules=[RULE])
HERE = "/api/v1/namespaces/qv1/pods"
NEW, OLD = "10.0.0.1", "10.0.0.2"


def led_to(api: Api, **fenced: bool) -> None:
    """A Traefik that leads stock's host to the new process, and to an old one as is said."""
    start(api, "traefik-1")
    router = {
        "name": "qv1-stock@kubernetes",
        "provider": "kubernetes",
        "rule": "Host(`stock.v1.example`)",
        "service": "qv1-stock-http",
        "status": "enabled",
    }
    servers = [{"url": f"http://{NEW}:8000"}, {"url": f"http://{OLD}:8000", **fenced}]
    service = {"name": "qv1-stock-http@kubernetes", "loadBalancer": {"servers": servers}}
    tell(api, "traefik-1", router, services=[service])


def behind(api: Api, *addresses: str) -> None:
    """The processes behind stock that the cluster calls ready, each a pod of that name."""
    endpoints = [
        {"addresses": [each], "conditions": {"ready": True}, "targetRef": {"name": each}}
        for each in addresses
    ]
    labels = {"kubernetes.io/service-name": "stock"}
    body = {"metadata": {"name": "stock-1", "labels": labels}, "endpoints": endpoints}
    api.create("/apis/discovery.k8s.io/v1/namespaces/qv1/endpointslices", body)


def test_a_process_that_finishes_what_it_has_is_not_waited_for(
    cluster: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A preStop of minutes would take a good release back."""
    monkeypatch.setattr(route_propagation, "_LIMIT", 0)
    behind(cluster, NEW)
    led_to(cluster)
    assert (
        served(cluster, release=HOST)
        == "Traefik does not serve http://stock.v1.example/ (pod traefik-1)"
    )
    led_to(cluster, fenced=True)
    assert served(cluster, release=HOST) == ""


def test_a_process_that_leaves_is_not_served_though_the_slices_call_it_ready(
    cluster: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route_propagation, "_LIMIT", 0)
    behind(cluster, NEW, OLD)
    led_to(cluster)
    assert served(cluster, release=HOST) == ""
    cluster.create(HERE, {"metadata": {"name": OLD, "deletionTimestamp": "now"}})
    assert (
        served(cluster, release=HOST)
        == "Traefik does not serve http://stock.v1.example/ (pod traefik-1)"
    )


def test_who_leaves_is_asked_nothing(cluster: Api) -> None:
    staying = {"metadata": {"name": "stock-1", "namespace": "qv1"}}
    leaving = {"metadata": {**staying["metadata"], "name": "stock-2", "deletionTimestamp": "now"}}
    [address] = pods.internal_addresses(cluster, [leaving, staying])
    assert address.endswith("/namespaces/qv1/pods/stock-1:9102/proxy")
