"""Why pods do not start, from what the cluster says about them: which object, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from release.errors import NotAllowedError
from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.client.pods import is_leaving

_MESSAGES = 300
_WAITING = (
    "InvalidImageName",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImagePullBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "CrashLoopBackOff",
)
_UNMOUNTED = ("FailedMount", "FailedAttachVolume")
_MAKERS = {
    "ReplicaSet": ("/apis/apps/v1", "replicasets"),
    "StatefulSet": ("/apis/apps/v1", "statefulsets"),
    "Job": ("/apis/batch/v1", "jobs"),
}
_HASTE = re.compile(r"failed to sync \w+ cache")
"""What a busy kubelet says of a volume before it knows whether there is what should be in it."""


@dataclass(frozen=True)
class Problem:
    """Something that keeps a release from being ready. `pod` is whose log may say more. What is
    `earlier` was there before the release, which may be what ends it. `haste` passes by itself on a
    node that is busy, however long it takes.
    """

    object: str
    reason: str
    message: str
    pod: str = ""
    earlier: bool = False
    haste: bool = False

    def __str__(self) -> str:
        return f"{self.object}: {self.reason}: {self.message}"[:1000]


@dataclass
class Diagnosis:
    """One look at a namespace for what came after `begun`, by the API server's clock."""

    api: Api
    namespace: str
    begun: float

    def troubles(self) -> list[Problem]:
        """Every trouble that there is now. What tells most of it comes first, the newest event
        before others, and what was there before at the end.
        """
        found = [*self._of_operator(), *self._of_pods(), *self._of_events()]
        return sorted(found, key=lambda each: (each.earlier, each.haste))

    def _of_operator(self) -> Iterator[Problem]:
        """What the Prometheus Operator cannot make of what was asked for."""
        for kind, plural in (("Prometheus", "prometheuses"), ("Alertmanager", "alertmanagers")):
            path = f"/apis/monitoring.coreos.com/v1/namespaces/{self.namespace}/{plural}"
            for item in self.api.items(path):
                generation = item["metadata"].get("generation")
                for condition in item.get("status", {}).get("conditions", ()):
                    # What it says of an earlier generation, this one may have mended.
                    is_of_now = condition.get("observedGeneration") == generation
                    if is_of_now and condition.get("reason") == "ReconciliationFailed":
                        name = f"{kind} {item['metadata']['name']}"
                        yield Problem(name, condition["reason"], condition["message"][:_MESSAGES])

    def _of_pods(self) -> Iterator[Problem]:
        for pod in self._pods:
            earlier = self._is_earlier(pod)
            for reason, message in _reasons(pod):
                if earlier and (reason == "Failed" or self._is_replaced(pod)):
                    continue
                name = pod["metadata"]["name"]
                haste = _is_haste(message)
                yield Problem(f"pod {name}", reason, message, name, earlier, haste)

    def _of_events(self) -> Iterator[Problem]:
        """What keeps pods from being made at all: a quota, a security profile, an account. What
        keeps those that are made from getting their volumes: a Secret that is not there.
        """
        waiting = {
            pod["metadata"]["name"]: self._is_earlier(pod)
            for pod in self._pods
            if not _has_volumes(pod)
        }
        for event in sorted(self._warnings(), key=_happened, reverse=True):
            about, reason = event["involvedObject"], event.get("reason", "")
            if reason == "FailedCreate":
                lasts, kind = self._lacks_pods(about), about["kind"]
            else:
                lasts, kind = reason in _UNMOUNTED and about["name"] in waiting, "pod"
            if lasts:
                name = f"{kind} {about['name']}"
                earlier = waiting.get(about["name"], False)
                message = event.get("message", "")[:_MESSAGES]
                yield Problem(name, reason, message, "", earlier, _is_haste(message))

    def _warnings(self) -> list[Object]:
        path = f"/api/v1/namespaces/{self.namespace}/events"
        found = self.api.items(path, field="type=Warning")
        return [event for event in found if _happened(event) >= self.begun]

    def _lacks_pods(self, about: Object) -> bool:
        """Whether what could not make a pod has not made it meanwhile."""
        folder = _MAKERS.get(about["kind"])
        if folder is None:
            return True
        path = f"{folder[0]}/namespaces/{self.namespace}/{folder[1]}"
        try:
            found = self.api.items(path, field=f"metadata.name={about['name']}")
        except NotAllowedError:
            return True
        for item in found:
            status = item.get("status", {})
            if about["kind"] == "Job":
                return not any(status.get(each) for each in ("active", "succeeded", "failed"))
            return bool(status.get("replicas", 0) < item["spec"]["replicas"])
        return False

    @cached_property
    def _pods(self) -> list[Object]:
        found = self.api.items(f"/api/v1/namespaces/{self.namespace}/pods")
        return [pod for pod in found if not is_leaving(pod["metadata"])]

    def _is_earlier(self, pod: Object) -> bool:
        made = datetime.fromisoformat(pod["metadata"]["creationTimestamp"]).timestamp()
        return made < self.begun - 1

    def _is_replaced(self, pod: Object) -> bool:
        """Whether its Deployment has turned to other pods: it goes as soon as they are ready."""
        owners = {owner["uid"] for owner in pod["metadata"].get("ownerReferences", ())}
        return bool(owners & self._past)

    @cached_property
    def _past(self) -> set[str]:
        """The uids of ReplicaSets that are not their Deployment's latest."""
        latest: dict[str, tuple[int, str]] = {}
        uids = set()
        for item in self.api.items(f"/apis/apps/v1/namespaces/{self.namespace}/replicasets"):
            metadata = item["metadata"]
            uids.add(metadata["uid"])
            number = metadata.get("annotations", {}).get("deployment.kubernetes.io/revision", 0)
            for owner in metadata.get("ownerReferences", ()):
                found = int(number), metadata["uid"]
                latest[owner["uid"]] = max(found, latest.get(owner["uid"], found))
        return uids - {uid for _, uid in latest.values()}


def _is_haste(message: str) -> bool:
    return _HASTE.search(message) is not None


def _happened(event: Object) -> float:
    """When it did last, in seconds since the epoch."""
    last = event.get("lastTimestamp") or event.get("eventTime")
    return datetime.fromisoformat(last).timestamp() if last else 0.0


def _reasons(pod: Object) -> Iterator[tuple[str, str]]:
    """Reason and message of everything that a pod's status complains of."""
    status = pod["status"]
    if status.get("phase") == "Failed":
        yield "Failed", "its process ended with an error"
    for condition in status.get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield "Unschedulable", condition.get("message", "")
    containers = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    for container in containers:
        ended = container.get("lastState", {}).get("terminated")
        waiting = container["state"].get("waiting", {})
        reason = waiting.get("reason", "")
        if ended and ended.get("exitCode") and not container["ready"]:
            # Between two attempts it is running, or just ended: one trouble all the while.
            times = f"ended {container['restartCount']} times, with code {ended['exitCode']}"
            yield "CrashLoopBackOff", times
        elif reason in _WAITING:
            image = f" (image {container['image']})" if "mage" in reason else ""
            yield reason, waiting.get("message", "")[:_MESSAGES] + image


def _has_volumes(pod: Object) -> bool:
    """The kubelet makes a pod's sandbox when all its volumes are there."""
    conditions = pod["status"].get("conditions", ())
    return any(
        each["type"] == "PodReadyToStartContainers" and each["status"] == "True"
        for each in conditions
    )
