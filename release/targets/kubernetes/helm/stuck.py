"""Pods that stand in a StatefulSet's way: it waits for them to become ready before it goes on."""

from __future__ import annotations

from release.model.objects import Object
from release.targets.kubernetes.client import pods
from release.targets.kubernetes.client.kubernetes_api import Api


def delete(api: Api, namespace: str) -> None:
    """Delete those of an earlier revision that are not ready; their StatefulSet makes new ones."""
    for item in api.items(f"/apis/apps/v1/namespaces/{namespace}/statefulsets"):
        wanted = item["status"].get("updateRevision")
        for pod in api.items(f"/api/v1/namespaces/{namespace}/pods"):
            if _is_of(pod, item) and not pods.is_ready(pod) and _revision(pod) != wanted:
                api.delete(f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}")


def _is_of(pod: Object, item: Object) -> bool:
    owners = pod["metadata"].get("ownerReferences", ())
    return any(owner["uid"] == item["metadata"]["uid"] for owner in owners)


def _revision(pod: Object) -> str:
    return str(pod["metadata"].get("labels", {}).get("controller-revision-hash"))
