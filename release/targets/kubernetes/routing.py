"""What Traefik has to route for a release, compared with what it says it routes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from release import web
from release.errors import NotReadyError
from release.release import Release
from release.targets.kubernetes.api import Object
from release.targets.kubernetes.traefik import Traefik

_LIMIT = 30


def await_routes(traefik: Traefik, release: Release) -> None:
    """Return once every Traefik routes it. Raises NotReadyError naming what one does not."""
    missing: list[str] = []

    def routed() -> bool:
        missing[:] = _missing(traefik, release)
        return not missing

    if not web.wait_until(routed, limit=_LIMIT, pause=0.2):
        raise NotReadyError(f"Traefik does not serve {missing[0]}")


def _missing(traefik: Traefik, release: Release) -> list[str]:
    found = []
    services = traefik.services()
    for pod, routers in traefik.routes().items():
        alive = [item for item in routers if item.get("status") == "enabled"]
        found += [f"{each} (pod {pod})" for each in _unserved(release, alive, services[pod])]
    return found


def _unserved(
    release: Release, routers: list[Object], services: Mapping[str, Object]
) -> Iterator[str]:
    for item in release.objects:
        name = f"{release.namespace}-{item['metadata']['name']}"
        if item["kind"] == "Ingress":
            for rule in item["spec"]["rules"]:
                if not _leads(rule["host"], routers, services):
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


def _leads(host: str, routers: list[Object], services: Mapping[str, Object]) -> bool:
    """Whether a host leads to a process."""
    rule = re.compile(rf"Host\([`\"]{re.escape(host)}[`\"]\)")
    for router in routers:
        if router["provider"] == "kubernetes" and rule.search(router["rule"]):
            service = services.get(f"{router['service']}@kubernetes", {})
            return bool(service.get("loadBalancer", {}).get("servers"))
    return False


def _is_of(router: str, name: str) -> bool:
    """Whether a router is of an IngressRoute: Traefik adds a hash of the rule to its name."""
    return re.fullmatch(rf"{re.escape(name)}-[0-9a-f]+@kubernetescrd", router) is not None


def _weights(weighted: Object) -> dict[str, int]:
    return {
        each["name"].partition("@")[0]: each.get("weight", 1)
        for each in weighted.get("services", ())
    }
