"""What of a release is not ready yet, in words. Helm would wait for Deployments, but call an
operator's Prometheus ready as soon as it was written down.
"""

from __future__ import annotations

from collections.abc import Iterable

from release.targets.kubernetes.api import Api, Object

_OPERATED = "/apis/monitoring.coreos.com/v1"
_PATHS = {
    "Deployment": ("/apis/apps/v1", "deployments"),
    "Prometheus": (_OPERATED, "prometheuses"),
    "Alertmanager": (_OPERATED, "alertmanagers"),
    "StatefulSet": ("/apis/apps/v1", "statefulsets"),
}


def waiting_for(api: Api, namespace: str, objects: Iterable[Object]) -> list[str]:
    """Each workload that is not there in full, and how far it is."""
    found = []
    for item in objects:
        if item["kind"] in _PATHS:
            said = _missing(api, namespace, item["kind"], item["metadata"]["name"])
            found += [said] if said else []
    return found


def _missing(api: Api, namespace: str, kind: str, name: str) -> str:
    label = f"{kind} {name}"
    found = _get(api, namespace, kind, name)
    if found is None:
        return f"{label} is not there"
    status, generation = found.get("status", {}), found["metadata"]["generation"]
    if kind in ("Deployment", "StatefulSet"):
        return _of_pods(label, status, generation, found["spec"]["replicas"])
    for condition in status.get("conditions", ()):
        if condition["type"] == "Reconciled" and condition["status"] != "True":
            return f"{label}: {condition.get('message') or condition.get('reason')}"
    observed = {each.get("observedGeneration") for each in status.get("conditions", ())}
    if observed != {generation}:
        return f"{label} was not seen by the Prometheus Operator yet"
    return _missing(api, namespace, "StatefulSet", f"{kind.lower()}-{name}")


def _of_pods(label: str, status: Object, generation: int, wanted: int) -> str:
    if status.get("observedGeneration", 0) < generation:
        return f"{label} was not seen yet"
    updated = status.get("updatedReplicas", 0)
    ready = status.get("readyReplicas", 0)
    available = status.get("availableReplicas", 0)
    if status.get("updateRevision") and status["updateRevision"] == status.get("currentRevision"):
        updated = status.get("currentReplicas", 0)
    if updated < wanted or min(ready, available) < wanted:
        return f"{label}: {min(updated, ready, available)} of {wanted} pods are ready"
    if status.get("replicas", 0) > wanted:
        return f"{label}: {status['replicas'] - wanted} old pods are still there"
    return ""


def _get(api: Api, namespace: str, kind: str, name: str) -> Object | None:
    group, plural = _PATHS[kind]
    return api.get(f"{group}/namespaces/{namespace}/{plural}/{name}")
