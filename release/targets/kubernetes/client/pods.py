"""The pods of a release: their state, their addresses and their logs."""

from collections.abc import Iterable

from release.errors import UsageError
from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api

_INTERNAL = 9102


def list_pods(api: Api, namespace: str, workload: str) -> list[Object]:
    """Return the pods of a workload: catalog, prometheus-stock, and so on.

    Raises UsageError, naming the others, if the release does not have it.
    """
    pods: dict[str, list[Object]] = {}
    for pod in api.items(f"/api/v1/namespaces/{namespace}/pods"):
        labels = pod["metadata"].get("labels", {})
        name = labels.get("app.kubernetes.io/name", "")
        component = labels.get("operator.prometheus.io/name") or labels.get("alertmanager")
        pods.setdefault(f"{name}-{component}" if component else name, []).append(pod)
    if workload not in pods:
        raise UsageError(f"SERVICE={workload}: give one of {', '.join(sorted(pods))}, gateway")
    return pods[workload]


def has_condition(pod: Object, kind: str) -> bool:
    conditions = pod["status"].get("conditions", ())
    return any(each["type"] == kind and each["status"] == "True" for each in conditions)


def is_ready(pod: Object) -> bool:
    return has_condition(pod, "Ready")


def is_leaving(metadata: Object) -> bool:
    """True if a pod with these metadata is being deleted."""
    return "deletionTimestamp" in metadata


def internal_addresses(api: Api, pods: Iterable[Object]) -> list[str]:
    """Return the base URL of the internal port of each pod that stays."""
    return [
        api.proxied(pod["metadata"]["namespace"], f"pods/{pod['metadata']['name']}:{_INTERNAL}")
        for pod in pods
        if not is_leaving(pod["metadata"])
    ]


def read_logs(api: Api, pods: Iterable[Object], lines: int) -> list[tuple[str, str]]:
    """Return the name of each pod with the last lines of its log."""
    logs = []
    for pod in pods:
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        # The operator's pods have helpers, which come after the process itself.
        options = {"container": pod["spec"]["containers"][0]["name"], "tailLines": str(lines)}
        path = f"/api/v1/namespaces/{namespace}/pods/{name}/log"
        logs.append((name, api.text(path, options)))
    return logs
