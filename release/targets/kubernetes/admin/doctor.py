"""What a cluster lacks, for a release to work there; each finding says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from release.clients import http
from release.errors import NotAllowedError, ReleaseError
from release.model.names import Names
from release.model.objects import Object
from release.targets.kubernetes.admin import permissions
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.client.pods import is_ready
from release.targets.kubernetes.namespaces import DATABASE, Namespaces
from release.targets.kubernetes.traefik import Traefik

_LEAST = (1, 30)
"""The first Kubernetes that knows a preStop sleep, without which a rollout loses requests."""
_KINDS = {
    "monitoring.coreos.com/v1": (
        "prometheuses",
        "alertmanagers",
        "servicemonitors",
        "prometheusrules",
    ),
    "traefik.io/v1alpha1": ("ingressroutes", "traefikservices", "middlewares"),
}
_DNS = "/api/v1/namespaces/kube-system/pods"
_REQUEST = (
    "give it a request, such as cpu: 200m: while pods start on a busy node, everybody waits for it"
)
_START = "make platform, or start the one that you brought: make platform leaves that as it is"
_SETTINGS = {
    "providers.kubernetescrd": "IngressRoutes, which the entry point is made of",
    "providers.kubernetesingress": "Ingresses, which the versions' hosts are",
    "providers.kubernetescrd.allowcrossnamespace": "the entry point leading to other namespaces",
    "metrics.prometheus": "evidence",
}


@dataclass(frozen=True)
class Finding:
    """`advice` is empty when all is well. A release works without what is not `needed`."""

    about: str
    found: str
    advice: str = ""
    needed: bool = True


def examine(api: Api, traefik: Traefik, gateway: str | None, names: Names) -> Iterator[Finding]:
    """Every finding, good and bad."""
    yield _version(api)
    missing = [group for group in _KINDS if api.get(f"/apis/{group}") is None]
    for group, kinds in _KINDS.items():
        yield _kinds(api, group, kinds)
    yield from _rights(api, traefik, missing, names)
    for about, look in (
        ("Prometheus Operator", lambda: [_operator(api)]),
        ("Traefik", lambda: _traefik(api, traefik)),
        ("the inventory", lambda: [_inventory(Namespaces(api, names))]),
        ("the gateway", lambda: _gateway(gateway)),
    ):
        try:
            yield from look()
        except NotAllowedError as error:
            yield Finding(about, "cannot be looked at", f"ask for the right: {error}")
    yield from processor_time("Traefik", lambda: traefik.pods)
    yield from processor_time(
        "the cluster's DNS", lambda: api.items(_DNS, label="k8s-app=kube-dns")
    )


def _version(api: Api) -> Finding:
    said = (api.get("/version") or {}).get("gitVersion", "")
    numbers = tuple(map(int, re.findall(r"\d+", said)[:2]))
    least = ".".join(map(str, _LEAST))
    advice = "" if numbers >= _LEAST else f"{least} is the least: older ones know no preStop sleep"
    return Finding("Kubernetes", said, advice)


def _kinds(api: Api, group: str, kinds: tuple[str, ...]) -> Finding:
    known = {item["name"] for item in (api.get(f"/apis/{group}") or {}).get("resources", ())}
    missing = [kind for kind in kinds if kind not in known]
    if missing:
        return Finding(group, f"without {', '.join(missing)}", "make platform")
    return Finding(group, ", ".join(kinds))


def _operator(api: Api) -> Finding:
    found = [
        f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        for pod in api.items("/api/v1/pods", field="status.phase=Running")
        # One that keeps ending is running, too, as far as its phase goes.
        if is_ready(pod) and any(map(_is_operator, pod["spec"]["containers"]))
    ]
    if not found:
        return Finding("Prometheus Operator", "does not run", _START)
    return Finding("Prometheus Operator", found[0])


def _is_operator(container: Object) -> bool:
    # Its registry's folder has the same name, and holds what runs beside every Prometheus, too.
    image: str = container["image"].partition("@")[0]
    return image.rpartition("/")[2].partition(":")[0] == "prometheus-operator"


def _traefik(api: Api, traefik: Traefik) -> Iterator[Finding]:
    if not traefik.pods:
        advice = f"{_START}, or say where with TRAEFIK_NAMESPACE="
        yield Finding("Traefik", f"does not run in namespace {traefik.namespace}", advice)
        return
    missing = [name for name in _SETTINGS if not traefik.has(name)]
    for name in missing:
        yield Finding("Traefik", f"without --{name}", f"start it with it, for {_SETTINGS[name]}")
    if not missing:
        yield Finding("Traefik", f"{len(traefik.pods)} pods, with every setting that is needed")
    if api.get("/apis/networking.k8s.io/v1/ingressclasses/traefik") is None:
        yield Finding(
            "IngressClass traefik", "is not there", "make platform, or name yours in VALUES"
        )
    for about, ask in (("Traefik's API", traefik.routes), ("Traefik's metrics", traefik.scraped)):
        try:
            ask()
            yield Finding(about, "answers")
        except ReleaseError as error:
            yield Finding(about, "cannot be asked", str(error))


def processor_time(about: str, find: Callable[[], list[Object]]) -> Iterator[Finding]:
    """Whether pods on whom every request waits get any while others that start want all of it: what
    requests none gets a tenth of what one gets that requests a little.
    """
    about = f"processor time of {about}"
    try:
        pods = find()
    except NotAllowedError as error:
        yield Finding(about, "cannot be looked at", f"ask for the right: {error}", needed=False)
        return
    poor = [pod for pod in pods if not any(map(_requests_time, pod["spec"]["containers"]))]
    if poor:
        found = f"pod {poor[0]['metadata']['name']} requests none"
        yield Finding(about, found, _REQUEST, needed=False)
    elif pods:
        yield Finding(about, "requested")


def _requests_time(container: Object) -> bool:
    return "cpu" in container.get("resources", {}).get("requests", {})


def _rights(api: Api, traefik: Traefik, missing: list[str], names: Names) -> Iterator[Finding]:
    without = [each.partition("/")[0] for each in missing]
    places = permissions.places(names, traefik.namespace)
    refused = permissions.missing(api, permissions.NEEDS, places, without)
    for namespace, lacking in refused.items():
        where = f"in {namespace}" if namespace else f"in {permissions.CLUSTER}"
        advice = "ask whoever runs the cluster for a role with them there"
        yield Finding(f"your rights {where}", f"without {', '.join(lacking)}", advice)
    if not refused:
        yield Finding("your rights", "all that a release needs")
    for namespace, lacking in permissions.missing(api, permissions.REHEARSALS, places).items():
        found = f"without {', '.join(lacking)}"
        yield Finding(f"rehearsals in {namespace}", found, "make fault needs it", needed=False)


def _gateway(address: str | None) -> Iterator[Finding]:
    if address is None:
        yield Finding("the gateway", "not named: make load and make demo need GATEWAY=")
    elif http.get(f"{address}/", timeout=10) is None:
        yield Finding("the gateway", f"{address} does not answer", "see how Traefik is exposed")
    else:
        yield Finding("the gateway", f"{address} answers")


def _inventory(namespaces: Namespaces) -> Finding:
    if not namespaces.has_inventory():
        own = f"or a Secret {DATABASE} in each release's namespace"
        return Finding("the inventory", "is not there", f"make platform, {own}")
    return Finding("the inventory", f"PostgreSQL in namespace {namespaces.names.shared}")
