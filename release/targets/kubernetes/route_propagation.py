"""What Traefik has to route for a release, compared with what it says it routes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from release.clients import http
from release.errors import NotReadyError, UnansweredError
from release.model.objects import Object
from release.model.release import Release
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.client.pods import is_leaving
from release.targets.kubernetes.traefik import Traefik

_LIMIT = 30


def await_routes(api: Api, traefik: Traefik, release: Release) -> None:
    """Return once every Traefik routes it. Raises NotReadyError naming what one does not, and
    UnansweredError when that is not to be known.
    """
    lacking = _until_nothing(lambda: _missing(api, traefik, release))
    if lacking:
        raise NotReadyError(f"Traefik does not serve {lacking}")


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
    served = _until_nothing(
        lambda: [host for host in hosts for pod in traefik.routes() if _router(host, pod.routers)]
    )
    if served:
        raise NotReadyError(f"Traefik still leads http://{served}/ to what was uninstalled")


def _until_nothing(look: Callable[[], list[str]]) -> str:
    """Look until there is nothing to be found; the first that there still is when time is up.

    Raises UnansweredError when the last answer was none.
    """
    found: list[str] = []
    unanswered: UnansweredError | None = None

    def over() -> bool:
        nonlocal unanswered
        try:
            found[:], unanswered = look(), None
        except UnansweredError as error:
            # Its pods come and go, as everybody's.
            unanswered = error
        return not (found or unanswered)

    http.wait_until(over, limit=_LIMIT, pause=0.2)
    if unanswered:
        raise unanswered
    return found[0] if found else ""


def _missing(api: Api, traefik: Traefik, release: Release) -> list[str]:
    ready = _ready(api, release.namespace)
    found = []
    for pod in traefik.routes():
        alive = [item for item in pod.routers if item.get("status") == "enabled"]
        lacking = _unserved(release, alive, pod.services, ready)
        found += [f"{each} (pod {pod.pod})" for each in lacking]
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
    """The addresses of the processes that a host leads to; those that Traefik calls fenced finish
    what they have, and get nothing new.
    """
    router = _router(host, routers)
    if router is None:
        return set()
    service = services.get(f"{router['service']}@kubernetes", {})
    servers = service.get("loadBalancer", {}).get("servers", ())
    return {str(urlsplit(each["url"]).hostname) for each in servers if not each.get("fenced")}


def _router(host: str, routers: Sequence[Object]) -> Object | None:
    """The one that an Ingress made for a host."""
    rule = re.compile(rf"Host\([`\"]{re.escape(host)}[`\"]\)")
    made = (item for item in routers if item["provider"] == "kubernetes")
    return next((item for item in made if rule.search(item["rule"])), None)


def _ready(api: Api, namespace: str) -> dict[str, set[str]]:
    """The addresses of the pods behind each Service that new requests may go to. The slices may not
    know yet that a pod leaves.
    """
    pods = api.names(f"/api/v1/namespaces/{namespace}/pods")
    leaving = {pod["name"] for pod in pods if is_leaving(pod)}
    found: dict[str, set[str]] = {}
    for piece in api.items(f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"):
        service = piece["metadata"].get("labels", {}).get("kubernetes.io/service-name", "")
        found.setdefault(service, set()).update(
            address
            for endpoint in piece.get("endpoints") or ()
            if endpoint["conditions"].get("ready")
            and endpoint.get("targetRef", {}).get("name") not in leaving
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
