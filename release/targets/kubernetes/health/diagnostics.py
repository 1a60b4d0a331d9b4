"""Finds out why pods of a namespace do not start, and when waiting for them is of no use."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from math import inf

from release.clients import http
from release.errors import NotAllowedError, ReleaseError
from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.client.pods import has_condition, is_leaving
from release.targets.kubernetes.health import workloads

# Seconds in which a problem may pass by itself: an image is pulled again, a Secret may come.
# All others may pass however long they last, as when a node is added.
_PATIENCE = {
    "InvalidImageName": 0,
    "ErrImageNeverPull": 5,
    "ErrImagePull": 20,
    "ImagePullBackOff": 20,
    "CreateContainerConfigError": 20,
    "CreateContainerError": 20,
    "CrashLoopBackOff": 20,
    "FailedCreate": 10,
    "FailedMount": 30,
    "Failed": 30,
    "ReconciliationFailed": 10,
}
_EARLIER = 120
"""Seconds at least for a problem from before: the release that mends it takes a while itself."""
_UNMOUNTED = ("FailedMount", "FailedAttachVolume")
_MAKERS = ("ReplicaSet", "StatefulSet", "Job")
"""The kinds that make pods."""
_TRANSIENT = re.compile(r"failed to sync \w+ cache")
"""The message of a busy kubelet about a volume whose source it has not looked up yet."""
_NO_LOG = "unable to retrieve container logs"
"""The answer of a kubelet, as if it were a log, for an attempt that it has cleared away."""
_LONGEST = 300


@dataclass(frozen=True)
class Problem:
    """Something that keeps a release from being ready; an `earlier` one was there before it."""

    kind: str
    name: str
    reason: str
    message: str
    earlier: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.reason}: {self.message}"[:1000]

    @property
    def key(self) -> tuple[str, str, str]:
        """The same for a problem while it lasts."""
        is_pull = self.reason in ("ErrImagePull", "ImagePullBackOff")
        return self.kind, self.name, "image" if is_pull else self.reason

    @property
    def is_transient(self) -> bool:
        """True if it passes by itself on a node that is busy, however long it takes."""
        return _TRANSIENT.search(self.message) is not None

    @property
    def patience(self) -> float:
        """Seconds after which it ends the release."""
        usual = _PATIENCE.get(self.reason, inf)
        return max(usual, _EARLIER) if self.earlier else usual


@dataclass
class Diagnosis:
    """One look at a namespace, for what came after `begun` by the API server's clock."""

    api: Api
    namespace: str
    begun: float

    def problems(self) -> list[Problem]:
        """Return every problem: the most telling first, newest events first, earlier ones last."""
        problems = [*self._of_operator(), *self._of_pods(), *self._of_events()]
        return sorted(problems, key=lambda problem: (problem.earlier, problem.is_transient))

    def _of_operator(self) -> Iterator[Problem]:
        """Yield what the Prometheus Operator cannot make of what was asked for."""
        for kind in ("Prometheus", "Alertmanager"):
            for item in self.api.items(workloads.path(kind, self.namespace)):
                generation = item["metadata"].get("generation")
                for condition in item.get("status", {}).get("conditions", ()):
                    reason = condition.get("reason")
                    # This generation may have mended what it says of an earlier one.
                    is_current = condition.get("observedGeneration") == generation
                    if is_current and reason == "ReconciliationFailed":
                        message = condition["message"][:_LONGEST]
                        yield Problem(kind, item["metadata"]["name"], reason, message)

    def _of_pods(self) -> Iterator[Problem]:
        for pod in self._pods:
            earlier = self._is_earlier(pod)
            for reason, message in _reasons(pod):
                if not earlier or (reason != "Failed" and not self._is_replaced(pod)):
                    yield Problem("pod", pod["metadata"]["name"], reason, message, earlier)

    def _of_events(self) -> Iterator[Problem]:
        """Yield what keeps pods from being made (a quota, a security profile, an account), or from
        getting their volumes (a Secret that is not there).
        """
        waiting = {
            pod["metadata"]["name"]: self._is_earlier(pod)
            for pod in self._pods
            # The kubelet makes a pod's sandbox when all its volumes are there.
            if not has_condition(pod, "PodReadyToStartContainers")
        }
        path = f"/api/v1/namespaces/{self.namespace}/events"
        events = self.api.items(path, field="type=Warning")
        for event in sorted(events, key=_time, reverse=True):
            if _time(event) < self.begun:
                break
            about, reason = event["involvedObject"], event.get("reason", "")
            message = event.get("message", "")[:_LONGEST]
            if reason == "FailedCreate" and self._lacks_pods(about["kind"], about["name"]):
                yield Problem(about["kind"], about["name"], reason, message)
            if reason in _UNMOUNTED and about["name"] in waiting:
                yield Problem("pod", about["name"], reason, message, waiting[about["name"]])

    def _lacks_pods(self, kind: str, name: str) -> bool:
        """Return False if what could not make a pod has made it meanwhile."""
        if kind not in _MAKERS:
            return True
        try:
            path = workloads.path(kind, self.namespace)
            makers = self.api.items(path, field=f"metadata.name={name}")
        except NotAllowedError:
            return True
        if not makers:
            return False
        status = makers[0].get("status", {})
        if kind == "Job":
            return not any(status.get(each) for each in ("active", "succeeded", "failed"))
        return bool(status.get("replicas", 0) < makers[0]["spec"]["replicas"])

    @cached_property
    def _pods(self) -> list[Object]:
        pods = self.api.items(f"/api/v1/namespaces/{self.namespace}/pods")
        return [pod for pod in pods if not is_leaving(pod["metadata"])]

    def _is_earlier(self, pod: Object) -> bool:
        created = datetime.fromisoformat(pod["metadata"]["creationTimestamp"]).timestamp()
        return created < self.begun - 1

    def _is_replaced(self, pod: Object) -> bool:
        """True if its Deployment has turned to other pods: it goes as soon as they are ready."""
        owners = {owner["uid"] for owner in pod["metadata"].get("ownerReferences", ())}
        return bool(owners & self._past)

    @cached_property
    def _past(self) -> set[str]:
        """The uids of ReplicaSets that are not their Deployment's latest."""
        latest: dict[str, tuple[int, str]] = {}
        uids = set()
        for item in self.api.items(workloads.path("ReplicaSet", self.namespace)):
            metadata = item["metadata"]
            uids.add(metadata["uid"])
            number = metadata.get("annotations", {}).get("deployment.kubernetes.io/revision", 0)
            revision = int(number), metadata["uid"]
            for owner in metadata.get("ownerReferences", ()):
                latest[owner["uid"]] = max(revision, latest.get(owner["uid"], revision))
        return uids - {uid for _, uid in latest.values()}


@dataclass
class FailureDetector:
    """Looks at a namespace again and again; `problem` is the one that did not pass by itself."""

    api: Api
    namespace: str
    begun: float  # by the API server's clock
    problem: Problem | None = None
    _since: dict[tuple[str, str, str], float] = field(default_factory=dict)
    _log: str = ""

    def lasting(self) -> Problem | None:
        """Return the first problem that has lasted too long."""
        if self.problem:
            return self.problem
        now = time.monotonic()
        problems: dict[tuple[str, str, str], Problem] = {}
        for problem in self._problems():
            if not problem.is_transient:
                problems.setdefault(problem.key, problem)
        self._since = {key: self._since.get(key, now) for key in problems}
        for key, problem in problems.items():
            if now - self._since[key] >= problem.patience:
                # Read now: a rollback deletes the pod, and its log with it.
                self.problem, self._log = problem, self._read_log(problem)
                break
        return self.problem

    def likeliest(self, *, earlier: bool = True) -> Problem | None:
        """Return the problem that lasted, else the first of now; `earlier` ones only if allowed."""
        now = (problem for problem in self._problems() if earlier or not problem.earlier)
        return self.problem or next(now, None)

    def explain(self, otherwise: object, *, earlier: bool = True) -> tuple[str, str]:
        """Return the likeliest problem in words, or `otherwise`, and the end of its pod's log."""
        problem = self.likeliest(earlier=earlier)
        if problem is None or problem is self.problem:
            return str(problem or otherwise), self._log
        return str(problem), self._read_log(problem)

    def wait_until_ready(self, is_ready: Callable[[], bool], limit: float) -> bool:
        """Wait until it is ready, a problem lasts, or the limit has passed. True if it is ready."""

        def is_decided() -> bool:
            return is_ready() or self.lasting() is not None

        return http.wait_until(is_decided, limit=limit, pause=0.5) and is_ready()

    def _problems(self) -> list[Problem]:
        return Diagnosis(self.api, self.namespace, self.begun).problems()

    def _read_log(self, problem: Problem) -> str:
        if problem.reason not in ("CrashLoopBackOff", "Failed"):
            return ""
        path = f"/api/v1/namespaces/{self.namespace}/pods/{problem.name}/log"
        # Of the latest attempt, or of the one before if that has written nothing yet.
        for attempt in ({}, {"previous": "true"}):
            try:
                log = self.api.text(path, {**attempt, "tailLines": "20"})
            except ReleaseError:
                # It is gone meanwhile, with the pod or with the attempt.
                continue
            if log and not log.startswith(_NO_LOG):
                return log
        return ""


def _time(event: Object) -> float:
    """Return when it happened last, in seconds since the epoch."""
    last = event.get("lastTimestamp") or event.get("eventTime")
    return datetime.fromisoformat(last).timestamp() if last else 0.0


def _reasons(pod: Object) -> Iterator[tuple[str, str]]:
    """Yield reason and message of every problem in a pod's status."""
    status = pod["status"]
    if status.get("phase") == "Failed":
        yield "Failed", "its process ended with an error"
    for condition in status.get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield "Unschedulable", condition.get("message", "")
    for container in (
        *status.get("initContainerStatuses", ()),
        *status.get("containerStatuses", ()),
    ):
        terminated = container.get("lastState", {}).get("terminated", {})
        waiting = container["state"].get("waiting", {})
        reason = waiting.get("reason", "")
        if terminated.get("exitCode") and not container["ready"]:
            # Between two attempts it runs, or has just ended: one problem all the while.
            times, code = container["restartCount"], terminated["exitCode"]
            yield "CrashLoopBackOff", f"ended {times} times, with code {code}"
        elif reason in _PATIENCE:
            image = f" (image {container['image']})" if "mage" in reason else ""
            yield reason, waiting.get("message", "")[:_LONGEST] + image
