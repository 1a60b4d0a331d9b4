"""Describes which workloads of a release are not ready yet.

Helm would wait for Deployments, but call an operator's Prometheus ready once it is written.
"""

from collections.abc import Iterable

from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api

_SOURCE = "parallel-releases/spec"
"""The annotation that names the spec: the operator copies it to the StatefulSet that it makes."""
_APPS, _OPERATED = "/apis/apps/v1", "/apis/monitoring.coreos.com/v1"
_PATHS = {
    "Deployment": (_APPS, "deployments"),
    "ReplicaSet": (_APPS, "replicasets"),
    "StatefulSet": (_APPS, "statefulsets"),
    "Job": ("/apis/batch/v1", "jobs"),
    "Prometheus": (_OPERATED, "prometheuses"),
    "Alertmanager": (_OPERATED, "alertmanagers"),
}


def path(kind: str, namespace: str) -> str:
    """Return the API path of the workloads of a kind."""
    group, plural = _PATHS[kind]
    return f"{group}/namespaces/{namespace}/{plural}"


def list_unready(api: Api, namespace: str, objects: Iterable[Object]) -> list[str]:
    """Describe each workload whose pods are not all ready."""
    kinds = ("Deployment", "StatefulSet", "Prometheus", "Alertmanager")
    reasons = (
        _not_ready_reason(api, namespace, item["kind"], item["metadata"]["name"])
        for item in objects
        if item["kind"] in kinds
    )
    return [reason for reason in reasons if reason]


def _not_ready_reason(api: Api, namespace: str, kind: str, name: str) -> str:
    label = f"{kind} {name}"
    item = api.get(f"{path(kind, namespace)}/{name}")
    if item is None:
        return f"{label} is not there"
    if kind in ("Deployment", "StatefulSet"):
        return _of_pods(label, item)
    if reason := _of_operator(label, item):
        return reason
    made_name = f"{kind.lower()}-{name}"
    made = api.get(f"{path('StatefulSet', namespace)}/{made_name}")
    # The operator may say that it has seen something before it has done anything about it.
    if made is None or _source(item) not in (None, _source(made)):
        return f"{label} was not taken up by the Prometheus Operator yet"
    return _of_pods(f"StatefulSet {made_name}", made)


def _of_operator(label: str, item: Object) -> str:
    conditions = item.get("status", {}).get("conditions", ())
    for condition in conditions:
        if condition["type"] == "Reconciled" and condition["status"] != "True":
            return f"{label}: {condition.get('message') or condition.get('reason')}"
    if {each.get("observedGeneration") for each in conditions} != {item["metadata"]["generation"]}:
        return f"{label} was not seen by the Prometheus Operator yet"
    return ""


def _source(item: Object) -> str | None:
    annotations: dict[str, str] = item["metadata"].get("annotations", {})
    return annotations.get(_SOURCE)


def _of_pods(label: str, item: Object) -> str:
    status, replicas = item.get("status", {}), item["spec"]["replicas"]
    if status.get("observedGeneration", 0) < item["metadata"]["generation"]:
        return f"{label} was not seen yet"
    updated = status.get("updatedReplicas", 0)
    ready = status.get("readyReplicas", 0)
    available = status.get("availableReplicas", 0)
    if status.get("updateRevision") and status["updateRevision"] == status.get("currentRevision"):
        updated = status.get("currentReplicas", 0)
    if updated < replicas or min(ready, available) < replicas:
        return f"{label}: {min(updated, ready, available)} of {replicas} pods are ready"
    if status.get("replicas", 0) > replicas:
        return f"{label}: {status['replicas'] - replicas} old pods are still there"
    return ""
