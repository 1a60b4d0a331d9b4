"""What whoever releases must be allowed, and where; tests hold it against the charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from release import paths
from release.model.names import Names
from release.targets.kubernetes.client.kubernetes_api import Api

Need = tuple[str, str, str, tuple[str, ...]]
"""Group, resource, verbs, where."""
VERSION, ENTRYPOINT, SHARED, GATEWAY = "version", "entrypoint", "shared", "gateway"
CLUSTER = "the whole cluster"
HELD = "get list watch create patch delete"
"""What Helm does with what a chart contains: it waits by watching, and applies by patching."""
_RELEASES = (VERSION, ENTRYPOINT)
_ROUTED = (VERSION, ENTRYPOINT, GATEWAY)
NEEDS: tuple[Need, ...] = (
    ("", "namespaces", "create", (CLUSTER,)),
    ("", "namespaces", "get", (VERSION, ENTRYPOINT, SHARED)),
    # Helm applies a release's namespace, also one that is there.
    ("", "namespaces", "patch delete", _RELEASES),
    # What the charts contain. Helm records a release in Secrets, and updates them.
    ("", "secrets", f"{HELD} update", _RELEASES),
    ("", "services", HELD, _RELEASES),
    ("", "serviceaccounts", HELD, _RELEASES),
    ("apps", "deployments", HELD, _RELEASES),
    ("batch", "jobs", HELD, (VERSION,)),
    ("networking.k8s.io", "ingresses", HELD, (VERSION,)),
    ("networking.k8s.io", "networkpolicies", HELD, _RELEASES),
    ("policy", "poddisruptionbudgets", HELD, _RELEASES),
    ("rbac.authorization.k8s.io", "roles", HELD, _ROUTED),
    ("rbac.authorization.k8s.io", "rolebindings", HELD, _ROUTED),
    ("monitoring.coreos.com", "prometheuses", HELD, _RELEASES),
    ("monitoring.coreos.com", "alertmanagers", HELD, _RELEASES),
    ("monitoring.coreos.com", "servicemonitors", HELD, _RELEASES),
    ("monitoring.coreos.com", "prometheusrules", HELD, _RELEASES),
    ("traefik.io", "ingressroutes", HELD, (ENTRYPOINT,)),
    ("traefik.io", "traefikservices", HELD, (ENTRYPOINT,)),
    ("traefik.io", "middlewares", HELD, (ENTRYPOINT,)),
    # What Prometheus may read: nobody gives a right away that they do not have.
    ("", "services", "get list watch", (GATEWAY,)),
    ("", "endpoints", "get list watch", _ROUTED),
    ("", "pods", "get list watch", _ROUTED),
    ("discovery.k8s.io", "endpointslices", "get list watch", _ROUTED),
    # What says how far a rollout is and why it does not go on, and what stands in its way.
    ("", "pods", "delete", _RELEASES),
    ("", "pods/log", "get", _ROUTED),
    ("", "events", "list", _RELEASES),
    ("apps", "replicasets", "list", _RELEASES),
    ("apps", "statefulsets", "get list", _RELEASES),
    # Evidence, and what Traefik routes by now.
    ("", "services/proxy", "get", _RELEASES),
    ("", "pods/proxy", "get", (GATEWAY,)),
    # Who is at work, and where the inventory is.
    ("coordination.k8s.io", "leases", "get create update delete", (SHARED,)),
    ("", "secrets", "get", (SHARED,)),
)
REHEARSALS: tuple[Need, ...] = (("", "pods/proxy", "create delete", (VERSION,)),)
"""What `make fault` takes besides: it posts to the internal port of each process."""
_AT_ONCE = 8


@dataclass(frozen=True)
class Question:
    """Whether one thing may be done in a namespace; in none for what belongs to the cluster."""

    namespace: str
    group: str
    resource: str
    verb: str

    def refused(self, api: Api) -> bool:
        """Asks the cluster, which knows of rules that no list of rules shows."""
        name, _, part = self.resource.partition("/")
        asked = {"verb": self.verb, "group": self.group, "resource": name, "subresource": part}
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {**asked, "namespace": self.namespace}},
        }
        answer = api.create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
        return not answer["status"]["allowed"]


def places(names: Names, gateway: str) -> dict[str, tuple[str, ...]]:
    """The namespaces that are meant by each place."""
    versions = tuple(map(names.version, paths.known_versions()))
    one_each = {ENTRYPOINT: (names.entrypoint,), SHARED: (names.shared,), GATEWAY: (gateway,)}
    return {CLUSTER: ("",), VERSION: versions, **one_each}


def missing(
    api: Api,
    needs: Sequence[Need],
    where: Mapping[str, Sequence[str]],
    without: Sequence[str] = (),
) -> dict[str, list[str]]:
    """By namespace, what the caller may not do, as in `pods/log (get)`; nothing is asked about the
    groups that the cluster is `without`.
    """
    asked = [each for each in _questions(needs, where) if each.group not in without]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        refused = [
            each
            for each, no in zip(asked, pool.map(lambda one: one.refused(api), asked), strict=True)
            if no
        ]
    found: dict[str, dict[str, list[str]]] = {}
    for each in refused:
        full = f"{each.resource}.{each.group}" if each.group else each.resource
        found.setdefault(each.namespace, {}).setdefault(full, []).append(each.verb)
    return {
        namespace: [f"{resource} ({' '.join(verbs)})" for resource, verbs in lacking.items()]
        for namespace, lacking in found.items()
    }


def _questions(needs: Sequence[Need], where: Mapping[str, Sequence[str]]) -> Iterator[Question]:
    for group, resource, verbs, meant in needs:
        for place in meant:
            for namespace in where[place]:
                for verb in verbs.split():
                    yield Question(namespace, group, resource, verb)
