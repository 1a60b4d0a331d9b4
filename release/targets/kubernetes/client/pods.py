"""The pods of a release: whose they are, where they are reached, what they said."""

from __future__ import annotations

from collections.abc import Iterable

from release.errors import UsageError
from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api

_INTERNAL = 9102


def of_workload(api: Api, namespace: str, workload: str) -> list[Object]:
    """The pods of a workload: catalog, prometheus-stock, and so on. Raises UsageError for one that
    the release does not have.
    """
    found: dict[str, list[Object]] = {}
    for pod in api.items(f"/api/v1/namespaces/{namespace}/pods"):
        labels = pod["metadata"].get("labels", {})
        name = labels.get("app.kubernetes.io/name", "")
        component = labels.get("operator.prometheus.io/name") or labels.get("alertmanager")
        found.setdefault(f"{name}-{component}" if component else name, []).append(pod)
    if workload not in found:
        raise UsageError(f"SERVICE={workload}: give one of {', '.join(sorted(found))}, gateway")
    return found[workload]


def has_condition(pod: Object, kind: str) -> bool:
    conditions = pod["status"].get("conditions", ())
    return any(each["type"] == kind and each["status"] == "True" for each in conditions)


def is_ready(pod: Object) -> bool:
    return has_condition(pod, "Ready")


def is_leaving(metadata: Object) -> bool:
    """True if a pod with these metadata is being deleted."""
    return "deletionTimestamp" in metadata


def internal_addresses(api: Api, pods: Iterable[Object]) -> list[str]:
    """The base URL of the internal port of each that stays."""
    return [
        api.proxied(pod["metadata"]["namespace"], f"pods/{pod['metadata']['name']}:{_INTERNAL}")
        for pod in pods
        if not is_leaving(pod["metadata"])
    ]


def logs(api: Api, pods: Iterable[Object], lines: int) -> list[tuple[str, str]]:
    """The name of each, and the last lines of what it said."""
    return [(pod["metadata"]["name"], _log(api, pod, lines)) for pod in pods]


def _log(api: Api, pod: Object, lines: int) -> str:
    where, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    # The operator's pods have helpers, which come after the process itself.
    wanted = {"container": pod["spec"]["containers"][0]["name"], "tailLines": str(lines)}
    return api.text(f"/api/v1/namespaces/{where}/pods/{name}/log", wanted)
