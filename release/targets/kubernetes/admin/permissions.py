"""The permissions that a release needs, and where; tests compare them with the charts."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from release import paths
from release.model.names import Names
from release.targets.kubernetes.client.kubernetes_api import Api

Need = tuple[str, str, str, tuple[str, ...]]
"""Group, resources, verbs, places."""
VERSION, ENTRYPOINT, SHARED, GATEWAY = "version", "entrypoint", "shared", "gateway"
CLUSTER = "the whole cluster"
HELM_VERBS = "get list watch create patch delete"
"""Helm's calls for objects of a chart: it waits by watching, and applies by patching."""
MONITORING = "prometheuses alertmanagers servicemonitors prometheusrules"
ROUTES = "ingressroutes traefikservices middlewares"
_RELEASES = (VERSION, ENTRYPOINT)
_ROUTED = (VERSION, ENTRYPOINT, GATEWAY)
NEEDS: tuple[Need, ...] = (
    ("", "namespaces", "create", (CLUSTER,)),
    ("", "namespaces", "get", (VERSION, ENTRYPOINT, SHARED)),
    # Helm applies a release's namespace, also one that is there.
    ("", "namespaces", "patch delete", _RELEASES),
    # Objects of the charts. Helm records a release in Secrets, and updates them.
    ("", "secrets", f"{HELM_VERBS} update", _RELEASES),
    ("", "services serviceaccounts", HELM_VERBS, _RELEASES),
    ("apps", "deployments", HELM_VERBS, _RELEASES),
    ("batch", "jobs", HELM_VERBS, (VERSION,)),
    ("networking.k8s.io", "ingresses", HELM_VERBS, (VERSION,)),
    ("networking.k8s.io", "networkpolicies", HELM_VERBS, _RELEASES),
    ("policy", "poddisruptionbudgets", HELM_VERBS, _RELEASES),
    ("rbac.authorization.k8s.io", "roles rolebindings", HELM_VERBS, _ROUTED),
    ("monitoring.coreos.com", MONITORING, HELM_VERBS, _RELEASES),
    ("traefik.io", ROUTES, HELM_VERBS, (ENTRYPOINT,)),
    # Prometheus reads these, and only callers that have a permission may grant it.
    ("", "services", "get list watch", (GATEWAY,)),
    ("", "endpoints pods", "get list watch", _ROUTED),
    ("discovery.k8s.io", "endpointslices", "get list watch", _ROUTED),
    # To see how far a rollout is and why it does not go on, and to clear its way.
    ("", "pods", "delete", _RELEASES),
    ("", "pods/log", "get", _ROUTED),
    ("", "events", "list", _RELEASES),
    ("apps", "replicasets", "list", _RELEASES),
    ("apps", "statefulsets", "get list", _RELEASES),
    # Metrics, and what Traefik routes.
    ("", "services/proxy", "get", _RELEASES),
    ("", "pods/proxy", "get", (GATEWAY,)),
    # The lock, and the password of the inventory.
    ("coordination.k8s.io", "leases", "get create update delete", (SHARED,)),
    ("", "secrets", "get", (SHARED,)),
)
REHEARSALS: tuple[Need, ...] = (("", "pods/proxy", "create delete", (VERSION,)),)
"""`make fault` needs these as well: it posts to the internal port of each process."""
_AT_ONCE = 8


def places(names: Names, gateway: str) -> dict[str, tuple[str, ...]]:
    """Return the namespaces of each place; `gateway` is Traefik's."""
    versions = tuple(map(names.version, paths.known_versions()))
    one_each = {ENTRYPOINT: (names.entrypoint,), SHARED: (names.shared,), GATEWAY: (gateway,)}
    return {CLUSTER: ("",), VERSION: versions, **one_each}


def missing(
    api: Api,
    needs: Sequence[Need],
    namespaces: Mapping[str, Sequence[str]],
    without: Sequence[str] = (),
) -> dict[str, list[str]]:
    """Return by namespace what the caller may not do, as in `pods/log (get)`.

    `namespaces` are those of each place. Groups that the cluster is `without` are left out.
    """
    questions = [
        (namespace, group, resource, verb)
        for group, resources, verbs, where in needs
        if group not in without
        for place in where
        for namespace in namespaces[place]
        for resource in resources.split()
        for verb in verbs.split()
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = pool.map(lambda question: _is_allowed(api, *question), questions)
        refused = [each for each, ok in zip(questions, answers, strict=True) if not ok]
    by_namespace: dict[str, dict[str, list[str]]] = {}
    for namespace, group, resource, verb in refused:
        name = f"{resource}.{group}" if group else resource
        by_namespace.setdefault(namespace, {}).setdefault(name, []).append(verb)
    return {
        namespace: [f"{name} ({' '.join(verbs)})" for name, verbs in resources.items()]
        for namespace, resources in by_namespace.items()
    }


def _is_allowed(api: Api, namespace: str, group: str, resource: str, verb: str) -> bool:
    """Ask the cluster, which knows rules that no list of rules shows."""
    name, _, subresource = resource.partition("/")
    attributes = {"namespace": namespace, "verb": verb, "group": group, "resource": name}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {**attributes, "subresource": subresource}},
    }
    answer = api.create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
    return bool(answer["status"]["allowed"])
