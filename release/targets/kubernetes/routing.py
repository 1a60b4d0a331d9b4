"""What Traefik has to route for a release, compared with what it says it routes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from release import web
from release.errors import NotReadyError
from release.release import Release
from release.targets.kubernetes.api import Api, Object
from release.targets.kubernetes.traefik import Traefik

_LIMIT = 30


def await_routes(api: Api, traefik: Traefik, release: Release) -> None:
    """Return once every Traefik routes it. Raises NotReadyError naming what one does not."""
    missing: list[str] = []

    def routed() -> bool:
        missing[:] = _missing(api, traefik, release)
        return not missing

    if not web.wait_until(routed, limit=_LIMIT, pause=0.2):
        raise NotReadyError(f"Traefik does not serve {missing[0]}")


def await_gone(traefik: Traefik, objects: Sequence[Object]) -> None:
    """Return once no Traefik leads to what was uninstalled; who answers instead is asked from then
    on. Raises NotReadyError naming a host that is still served.
    """
    hosts = [
        rule["host"]
        for item in objects
        if item["kind"] == "Ingress"
        for rule in item["spec"]["rules"]
    ]
    served: list[str] = []

    def gone() -> bool:
        pods = traefik.routes().values()
        served[:] = [host for host in hosts for routers in pods if _router(host, routers)]
        return not served

    if not web.wait_until(gone, limit=_LIMIT, pause=0.2):
        raise NotReadyError(f"Traefik still leads http://{served[0]}/ to what was uninstalled")


def _missing(api: Api, traefik: Traefik, release: Release) -> list[str]:
    found = []
    services = traefik.services()
    ready = _ready(api, release.namespace)
    for pod, routers in traefik.routes().items():
        alive = [item for item in routers if item.get("status") == "enabled"]
        found += [f"{each} (pod {pod})" for each in _unserved(release, alive, services[pod], ready)]
    return found


def _unserved(
    release: Release,
    routers: list[Object],
    services: Mapping[str, Object],
    ready: Mapping[str, set[str]],
) -> Iterator[str]:
    for item in release.objects:
        name = f"{release.namespace}-{item['metadata']['name']}"
        if item["kind"] == "Ingress":
            for rule in item["spec"]["rules"]:
                backend = rule["http"]["paths"][0]["backend"]["service"]["name"]
                if _led_to(rule["host"], routers, services) != ready.get(backend, set()):
                    yield f"http://{rule['host']}/"
        if item["kind"] == "IngressRoute":
            wanted = {route["match"] for route in item["spec"]["routes"]}
            known = {each["rule"] for each in routers if _is_of(each["name"], name)}
            if wanted != known:
                yield f"the routes of {name}"
        if item["kind"] == "TraefikService":
            wanted_weights = {
                f"{each['namespace']}-{each['name']}-{each['port']}": each["weight"]
                for each in item["spec"]["weighted"]["services"]
            }
            shown = services.get(f"{name}@kubernetescrd", {}).get("weighted", {})
            if wanted_weights != _weights(shown):
                yield f"the weights of {name}"


def _led_to(host: str, routers: list[Object], services: Mapping[str, Object]) -> set[str]:
    """The addresses of the processes that a host leads to."""
    router = _router(host, routers)
    if router is None:
        return set()
    service = services.get(f"{router['service']}@kubernetes", {})
    servers = service.get("loadBalancer", {}).get("servers", ())
    return {str(urlsplit(each["url"]).hostname) for each in servers}


def _router(host: str, routers: Sequence[Object]) -> Object | None:
    """The one that an Ingress made for a host."""
    rule = re.compile(rf"Host\([`\"]{re.escape(host)}[`\"]\)")
    made = (item for item in routers if item["provider"] == "kubernetes")
    return next((item for item in made if rule.search(item["rule"])), None)


def _ready(api: Api, namespace: str) -> dict[str, set[str]]:
    """The addresses of the pods behind each Service that new requests may go to."""
    found: dict[str, set[str]] = {}
    for piece in api.items(f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"):
        service = piece["metadata"].get("labels", {}).get("kubernetes.io/service-name", "")
        found.setdefault(service, set()).update(
            address
            for endpoint in piece.get("endpoints") or ()
            if endpoint["conditions"].get("ready")
            for address in endpoint["addresses"]
        )
    return found


def _is_of(router: str, name: str) -> bool:
    """Whether a router is of an IngressRoute: Traefik adds a hash of the rule to its name."""
    return re.fullmatch(rf"{re.escape(name)}-[0-9a-f]+@kubernetescrd", router) is not None


def _weights(weighted: Object) -> dict[str, int]:
    return {
        each["name"].partition("@")[0]: each.get("weight", 1)
        for each in weighted.get("services", ())
    }
