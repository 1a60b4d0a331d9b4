"""What of a release is not ready yet, in words. Helm would wait for Deployments, but call an
operator's Prometheus ready as soon as it was written down.
"""

from __future__ import annotations

from collections.abc import Iterable

from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api

_ASKED = "parallel-releases/spec"
"""What the operator's StatefulSet was made of: it copies the annotations of what it was given."""
_OPERATED = "/apis/monitoring.coreos.com/v1"
_PATHS = {
    "Deployment": ("/apis/apps/v1", "deployments"),
    "Prometheus": (_OPERATED, "prometheuses"),
    "Alertmanager": (_OPERATED, "alertmanagers"),
    "StatefulSet": ("/apis/apps/v1", "statefulsets"),
}


def list_unready(api: Api, namespace: str, objects: Iterable[Object]) -> list[str]:
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
    if kind in ("Deployment", "StatefulSet"):
        return _of_pods(label, found)
    if said := _of_operator(label, found):
        return said
    made = _get(api, namespace, "StatefulSet", f"{kind.lower()}-{name}")
    # The operator may say that it has seen something before it has done anything about it.
    if made is None or _asked_for(found) not in (None, _asked_for(made)):
        return f"{label} was not taken up by the Prometheus Operator yet"
    return _of_pods(f"StatefulSet {kind.lower()}-{name}", made)


def _of_operator(label: str, found: Object) -> str:
    conditions = found.get("status", {}).get("conditions", ())
    for condition in conditions:
        if condition["type"] == "Reconciled" and condition["status"] != "True":
            return f"{label}: {condition.get('message') or condition.get('reason')}"
    if {each.get("observedGeneration") for each in conditions} != {found["metadata"]["generation"]}:
        return f"{label} was not seen by the Prometheus Operator yet"
    return ""


def _asked_for(item: Object) -> str | None:
    annotations: dict[str, str] = item["metadata"].get("annotations", {})
    return annotations.get(_ASKED)


def _of_pods(label: str, found: Object) -> str:
    status, wanted = found.get("status", {}), found["spec"]["replicas"]
    if status.get("observedGeneration", 0) < found["metadata"]["generation"]:
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
