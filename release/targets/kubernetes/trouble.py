"""Why pods do not start, from what the cluster says about them: which object, and what is wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from release.errors import ReleaseError
from release.targets.kubernetes.api import Api

# Seconds that a trouble may take to pass by itself: an image is tried again, a Secret may come.
_PATIENCE = {
    "InvalidImageName": 0,
    "ErrImageNeverPull": 5,
    "ErrImagePull": 20,
    "ImagePullBackOff": 20,
    "CreateContainerConfigError": 20,
    "CreateContainerError": 20,
    "CrashLoopBackOff": 20,
    "FailedCreate": 10,
    "Failed": 30,
    "ReconciliationFailed": 10,
}
_MESSAGES = 300
_NO_LOG = "unable to retrieve container logs"
"""What a kubelet answers, as if it were a log, for an attempt that it has cleared away."""


@dataclass(frozen=True)
class Trouble:
    """Something that keeps a release from being ready. `pod` is whose log may say more."""

    object: str
    reason: str
    message: str
    pod: str = ""

    def __str__(self) -> str:
        return f"{self.object}: {self.reason}: {self.message}"[:1000]


@dataclass
class Watch:
    """Looks at a namespace again and again; what passes by itself is no trouble. `found` is what
    did not.
    """

    api: Api
    namespace: str
    begun: float  # by the API server's clock
    found: Trouble | None = None
    _since: dict[str, float] = field(default_factory=dict)
    _said: str = ""

    def lasting(self) -> Trouble | None:
        """The first trouble that has lasted too long."""
        if self.found:
            return self.found
        now = time.monotonic()
        troubles = {f"{each.object} {_kind(each.reason)}": each for each in self.all()}
        self._since = {name: self._since.get(name, now) for name in troubles}
        for name, each in troubles.items():
            if now - self._since[name] >= _PATIENCE.get(each.reason, float("inf")):
                # Read at once: when the release is taken back, the pod goes, and its log with it.
                self.found, self._said = each, self._log_of(each)
                break
        return self.found

    def all(self) -> list[Trouble]:
        """Every trouble that there is now."""
        return [*self._of_operator(), *self._of_pods(), *self._of_events()]

    def likeliest(self) -> Trouble | None:
        """What did not pass by itself, else the first trouble that there is now."""
        return self.found or next(iter(self.all()), None)

    def log(self, trouble: Trouble | None) -> str:
        """How the log of a process that ended badly ends."""
        if trouble is None or trouble is self.found:
            return self._said
        return self._log_of(trouble)

    def _log_of(self, trouble: Trouble) -> str:
        if trouble.reason not in ("CrashLoopBackOff", "Failed"):
            return ""
        path = f"/api/v1/namespaces/{self.namespace}/pods/{trouble.pod}/log"
        # Of the attempt that is the latest, or of the one before when that has said nothing yet.
        for attempt in ({}, {"previous": "true"}):
            try:
                said = self.api.text(path, {**attempt, "tailLines": "20"})
            except ReleaseError:
                # It is gone meanwhile, with the pod or with the attempt.
                continue
            if said and not said.startswith(_NO_LOG):
                return said
        return ""

    def _of_operator(self) -> Iterator[Trouble]:
        """What the Prometheus Operator cannot make of what was asked for."""
        for kind, plural in (("Prometheus", "prometheuses"), ("Alertmanager", "alertmanagers")):
            path = f"/apis/monitoring.coreos.com/v1/namespaces/{self.namespace}/{plural}"
            for item in self.api.items(path):
                for condition in item.get("status", {}).get("conditions", ()):
                    if condition.get("reason") == "ReconciliationFailed":
                        name = f"{kind} {item['metadata']['name']}"
                        yield Trouble(name, condition["reason"], condition["message"][:_MESSAGES])

    def _of_pods(self) -> Iterator[Trouble]:
        for pod in self.api.items(f"/api/v1/namespaces/{self.namespace}/pods"):
            if "deletionTimestamp" in pod["metadata"]:
                continue
            name = pod["metadata"]["name"]
            made = datetime.fromisoformat(pod["metadata"]["creationTimestamp"]).timestamp()
            if pod["status"].get("phase") == "Failed" and made >= self.begun - 1:
                yield Trouble(f"pod {name}", "Failed", "its process ended with an error", name)
            for condition in pod["status"].get("conditions", ()):
                if condition["type"] == "PodScheduled" and condition["status"] == "False":
                    yield Trouble(f"pod {name}", "Unschedulable", condition.get("message", ""))
            statuses = pod["status"].get("initContainerStatuses", [])
            for status in [*statuses, *pod["status"].get("containerStatuses", [])]:
                ended = status.get("lastState", {}).get("terminated")
                waiting = status["state"].get("waiting", {})
                if ended and ended.get("exitCode") and not status["ready"]:
                    # Between two attempts it is running, or just ended: one trouble all the while.
                    times = f"ended {status['restartCount']} times, with code {ended['exitCode']}"
                    yield Trouble(f"pod {name}", "CrashLoopBackOff", times, name)
                elif waiting.get("reason") in _PATIENCE:
                    image = f" (image {status['image']})" if "mage" in waiting["reason"] else ""
                    message = waiting.get("message", "")[:_MESSAGES] + image
                    yield Trouble(f"pod {name}", waiting["reason"], message, name)

    def _of_events(self) -> Iterator[Trouble]:
        """What keeps pods from being made at all: a quota, a security profile, an account."""
        path = f"/api/v1/namespaces/{self.namespace}/events"
        for event in self.api.items(path, field="type=Warning,reason=FailedCreate"):
            last = event.get("lastTimestamp") or event.get("eventTime")
            if last and datetime.fromisoformat(last).timestamp() >= self.begun:
                about = event["involvedObject"]
                name = f"{about['kind']} {about['name']}"
                yield Trouble(name, "FailedCreate", event.get("message", "")[:_MESSAGES])


def _kind(reason: str) -> str:
    return "image" if reason in ("ErrImagePull", "ImagePullBackOff") else reason
