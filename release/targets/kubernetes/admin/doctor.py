"""Finds out what a cluster lacks for a release. Each finding says what to do."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from release.clients import http
from release.errors import NotAllowedError, ReleaseError
from release.model.names import Names
from release.model.objects import Object
from release.targets.kubernetes.admin import permissions
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.client.pods import is_ready
from release.targets.kubernetes.namespaces import DATABASE, Namespaces
from release.targets.kubernetes.traefik import Traefik, has_setting

_LEAST = (1, 30)
"""The first Kubernetes with a preStop sleep, without which a rollout loses requests."""
_KINDS = {
    "monitoring.coreos.com/v1": permissions.MONITORING,
    "traefik.io/v1alpha1": permissions.ROUTES,
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
    state: str
    advice: str = ""
    needed: bool = True


def examine(api: Api, traefik: Traefik, gateway: str | None, names: Names) -> Iterator[Finding]:
    """Yield every finding, good and bad."""
    yield _version(api)
    groups = {group: api.get(f"/apis/{group}") for group in _KINDS}
    for group, content in groups.items():
        yield _kinds(group, content)
    missing = [group.partition("/")[0] for group, content in groups.items() if content is None]
    yield from _permissions(api, traefik, missing, names)
    of_traefik, of_dns = "processor time of Traefik", "processor time of the cluster's DNS"
    for about, needed, look in (
        ("Prometheus Operator", True, lambda: [_operator(api)]),
        ("Traefik", True, lambda: _traefik(api, traefik)),
        ("the inventory", True, lambda: [_inventory(Namespaces(api, names))]),
        ("the gateway", True, lambda: [_gateway(gateway)]),
        (of_traefik, False, lambda: processor_time(of_traefik, traefik.pods)),
        (of_dns, False, lambda: processor_time(of_dns, api.items(_DNS, label="k8s-app=kube-dns"))),
    ):
        try:
            yield from look()
        except NotAllowedError as error:
            advice = f"ask for the right: {error}"
            yield Finding(about, "cannot be looked at", advice, needed=needed)


def _version(api: Api) -> Finding:
    version = (api.get("/version") or {}).get("gitVersion", "")
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    least = ".".join(map(str, _LEAST))
    advice = "" if numbers >= _LEAST else f"{least} is the least: older ones know no preStop sleep"
    return Finding("Kubernetes", version, advice)


def _kinds(group: str, content: Object | None) -> Finding:
    served = {item["name"] for item in (content or {}).get("resources", ())}
    kinds = _KINDS[group].split()
    missing = [kind for kind in kinds if kind not in served]
    if missing:
        return Finding(group, f"without {', '.join(missing)}", "make platform")
    return Finding(group, ", ".join(kinds))


def _operator(api: Api) -> Finding:
    for pod in api.items("/api/v1/pods", field="status.phase=Running"):
        # A pod that keeps crashing is in this phase, too.
        if is_ready(pod) and any(map(_is_operator, pod["spec"]["containers"])):
            name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
            return Finding("Prometheus Operator", name)
    return Finding("Prometheus Operator", "does not run", _START)


def _is_operator(container: Object) -> bool:
    # The images beside every Prometheus are in a folder of the same name.
    image: str = container["image"].partition("@")[0]
    return image.rpartition("/")[2].partition(":")[0] == "prometheus-operator"


def _traefik(api: Api, traefik: Traefik) -> Iterator[Finding]:
    pods = traefik.pods
    if not pods:
        advice = f"{_START}, or say where with TRAEFIK_NAMESPACE="
        yield Finding("Traefik", f"does not run in namespace {traefik.namespace}", advice)
        return
    missing = [name for name in _SETTINGS if not has_setting(pods[0], name)]
    for name in missing:
        yield Finding("Traefik", f"without --{name}", f"start it with it, for {_SETTINGS[name]}")
    if not missing:
        yield Finding("Traefik", f"{len(pods)} pods, with every setting that is needed")
    if api.get("/apis/networking.k8s.io/v1/ingressclasses/traefik") is None:
        advice = "make platform, or name yours in VALUES"
        yield Finding("IngressClass traefik", "is not there", advice)
    for about, ask in (
        ("Traefik's API", traefik.routes),
        ("Traefik's metrics", lambda: traefik.metrics),
    ):
        try:
            ask()
            yield Finding(about, "answers")
        except ReleaseError as error:
            yield Finding(about, "cannot be asked", str(error))


def processor_time(about: str, pods: Sequence[Object]) -> Iterator[Finding]:
    """Find pods on which every request waits and that request no processor time.

    While others that start want all of it, they get a tenth of what a pod gets that requests a
    little.
    """
    for pod in pods:
        if not any(map(_requests_processor_time, pod["spec"]["containers"])):
            state = f"pod {pod['metadata']['name']} requests none"
            yield Finding(about, state, _REQUEST, needed=False)
            return
    if pods:
        yield Finding(about, "requested")


def _requests_processor_time(container: Object) -> bool:
    return "cpu" in container.get("resources", {}).get("requests", {})


def _permissions(api: Api, traefik: Traefik, without: list[str], names: Names) -> Iterator[Finding]:
    places = permissions.places(names, traefik.namespace)
    missing = permissions.missing(api, permissions.NEEDS, places, without)
    for namespace, lacking in missing.items():
        about = f"your rights in {namespace or permissions.CLUSTER}"
        advice = "ask whoever runs the cluster for a role with them there"
        yield Finding(about, f"without {', '.join(lacking)}", advice)
    if not missing:
        yield Finding("your rights", "all that a release needs")
    for namespace, lacking in permissions.missing(api, permissions.REHEARSALS, places).items():
        state = f"without {', '.join(lacking)}"
        yield Finding(f"rehearsals in {namespace}", state, "make fault needs it", needed=False)


def _gateway(address: str | None) -> Finding:
    if address is None:
        return Finding("the gateway", "not named: make load and make demo need GATEWAY=")
    if http.get(f"{address}/", timeout=10) is None:
        return Finding("the gateway", f"{address} does not answer", "see how Traefik is exposed")
    return Finding("the gateway", f"{address} answers")


def _inventory(namespaces: Namespaces) -> Finding:
    if not namespaces.has_inventory():
        own = f"or a Secret {DATABASE} in each release's namespace"
        return Finding("the inventory", "is not there", f"make platform, {own}")
    return Finding("the inventory", f"PostgreSQL in namespace {namespaces.names.shared}")
