"""Looks at a namespace while a release becomes ready, and says when there is no use in waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from release.clients import http
from release.errors import ReleaseError
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.health.diagnostics import Diagnosis, Problem

# Seconds that a trouble may take to pass by itself: an image is tried again, a Secret may come.
# What is not here may pass however long it lasts, as when a node is added.
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
"""Seconds at least for what was there before: the release that mends it takes a while itself."""
_NO_LOG = "unable to retrieve container logs"
"""What a kubelet answers, as if it were a log, for an attempt that it has cleared away."""


@dataclass
class FailureDetector:
    """Looks again and again; what passes by itself is no trouble. `found` is what did not."""

    api: Api
    namespace: str
    begun: float  # by the API server's clock
    found: Problem | None = None
    _since: dict[str, float] = field(default_factory=dict)
    _said: str = ""

    def lasting(self) -> Problem | None:
        """The first trouble that has lasted too long."""
        if self.found:
            return self.found
        now = time.monotonic()
        troubles: dict[str, Problem] = {}
        for each in self._troubles():
            if not each.haste:
                troubles.setdefault(f"{each.object} {_kind(each.reason)}", each)
        self._since = {name: self._since.get(name, now) for name in troubles}
        for name, each in troubles.items():
            if now - self._since[name] >= _patience(each):
                # Read at once: when the release is taken back, the pod goes, and its log with it.
                self.found, self._said = each, self._log_of(each)
                break
        return self.found

    def likeliest(self, *, earlier: bool = True) -> Problem | None:
        """What did not pass by itself, else the first trouble that there is now, if need be one
        that was there `earlier`.
        """
        now = (each for each in self._troubles() if earlier or not each.earlier)
        return self.found or next(now, None)

    def wait_until_ready(self, is_ready: Callable[[], bool], limit: float) -> bool:
        """Wait until it is ready, a problem lasts, or the limit has passed. True if it is ready."""

        def is_decided() -> bool:
            return is_ready() or self.lasting() is not None

        return http.wait_until(is_decided, limit=limit, pause=0.5) and is_ready()

    def log(self, trouble: Problem | None) -> str:
        """How the log of a process that ended badly ends."""
        if trouble is None or trouble is self.found:
            return self._said
        return self._log_of(trouble)

    def _troubles(self) -> list[Problem]:
        return Diagnosis(self.api, self.namespace, self.begun).troubles()

    def _log_of(self, trouble: Problem) -> str:
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


def _patience(trouble: Problem) -> float:
    usual = _PATIENCE.get(trouble.reason, inf)
    return max(usual, _EARLIER) if trouble.earlier else usual


def _kind(reason: str) -> str:
    return "image" if reason in ("ErrImagePull", "ImagePullBackOff") else reason
