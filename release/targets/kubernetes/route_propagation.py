"""Waits until Traefik routes what a release asks for, or no longer routes what was uninstalled."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from release.errors import NotReadyError, UnansweredError
from release.model.objects import Object
from release.model.release import Release
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.client.pods import is_leaving
from release.targets.kubernetes.traefik import Routes, Traefik

_LIMIT = 30


def await_routes(api: Api, traefik: Traefik, release: Release) -> None:
    """Return once every Traefik routes the release.

    Raises NotReadyError naming what one does not, and UnansweredError when one does not answer.
    """

    def list_unserved() -> list[str]:
        ready = _ready_addresses(api, release.namespace)
        return [
            f"{each} (pod {routes.pod})"
            for routes in traefik.routes()
            for each in _unserved(release, routes, ready)
        ]

    if unserved := _await_none(list_unserved):
        raise NotReadyError(f"Traefik does not serve {unserved}")


def await_gone(traefik: Traefik, objects: Iterable[Object]) -> None:
    """Return once no Traefik leads to what was uninstalled, so that others answer for its hosts.

    Raises NotReadyError naming a host that is still served.
    """
    hosts = [rule["host"] for rule in _rules(objects)]
    served = _await_none(
        lambda: [host for host in hosts for pod in traefik.routes() if _router(host, pod.routers)]
    )
    if served:
        raise NotReadyError(f"Traefik still leads http://{served}/ to what was uninstalled")


def _await_none(look: Callable[[], list[str]]) -> str:
    """Look until nothing is found, and return "". When time is up, return the first thing found.

    Raises UnansweredError if the last look had no answer: Traefik's pods come and go.
    """
    deadline = time.monotonic() + _LIMIT
    while True:
        try:
            found = look()
        except UnansweredError:
            if time.monotonic() > deadline:
                raise
        else:
            if not found or time.monotonic() > deadline:
                return found[0] if found else ""
        time.sleep(0.2)


def _unserved(release: Release, routes: Routes, ready: Mapping[str, set[str]]) -> Iterator[str]:
    routers = [item for item in routes.routers if item.get("status") == "enabled"]
    for rule in _rules(release.objects):
        backend = rule["http"]["paths"][0]["backend"]["service"]["name"]
        if _addresses(rule["host"], routers, routes.services) != ready.get(backend, set()):
            yield f"http://{rule['host']}/"
    for item in release.objects:
        name = f"{release.namespace}-{item['metadata']['name']}"
        if item["kind"] == "IngressRoute":
            # Traefik adds a hash of the rule to the name.
            pattern = re.compile(rf"{re.escape(name)}-[0-9a-f]+@kubernetescrd")
            shown = {each["rule"] for each in routers if pattern.fullmatch(each["name"])}
            if shown != {route["match"] for route in item["spec"]["routes"]}:
                yield f"the routes of {name}"
        if item["kind"] == "TraefikService":
            weights = {
                f"{each['namespace']}-{each['name']}-{each['port']}": each["weight"]
                for each in item["spec"]["weighted"]["services"]
            }
            weighted = routes.services.get(f"{name}@kubernetescrd", {}).get("weighted", {})
            shown_weights = {
                each["name"].partition("@")[0]: each.get("weight", 1)
                for each in weighted.get("services", ())
            }
            if shown_weights != weights:
                yield f"the weights of {name}"


def _rules(objects: Iterable[Object]) -> list[Object]:
    """Return the rules of all Ingresses."""
    ingresses = (item for item in objects if item["kind"] == "Ingress")
    return [rule for ingress in ingresses for rule in ingress["spec"]["rules"]]


def _addresses(host: str, routers: list[Object], services: Mapping[str, Object]) -> set[str]:
    """Return the addresses of the processes to which a host leads new requests."""
    router = _router(host, routers)
    if router is None:
        return set()
    service = services.get(f"{router['service']}@kubernetes", {})
    servers = service.get("loadBalancer", {}).get("servers", ())
    # Servers that Traefik calls fenced finish what they have, and get nothing new.
    return {str(urlsplit(each["url"]).hostname) for each in servers if not each.get("fenced")}


def _router(host: str, routers: Iterable[Object]) -> Object | None:
    """Return the router that an Ingress made for a host."""
    rule = re.compile(rf"Host\([`\"]{re.escape(host)}[`\"]\)")
    of_ingresses = (item for item in routers if item["provider"] == "kubernetes")
    return next((item for item in of_ingresses if rule.search(item["rule"])), None)


def _ready_addresses(api: Api, namespace: str) -> dict[str, set[str]]:
    """Return by Service the addresses of the pods to which new requests may go."""
    pods = api.names(f"/api/v1/namespaces/{namespace}/pods")
    # The slices may not know yet that a pod leaves.
    leaving = {pod["name"] for pod in pods if is_leaving(pod)}
    addresses: dict[str, set[str]] = {}
    for piece in api.items(f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"):
        service = piece["metadata"].get("labels", {}).get("kubernetes.io/service-name", "")
        addresses.setdefault(service, set()).update(
            address
            for endpoint in piece.get("endpoints") or ()
            if endpoint["conditions"].get("ready")
            and endpoint.get("targetRef", {}).get("name") not in leaving
            for address in endpoint["addresses"]
        )
    return addresses
