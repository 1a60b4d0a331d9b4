"""A shop's own PostgreSQL, as a Helm release that keeps what was once chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.clients import http
from release.console import step
from release.errors import NotReadyError, ReleaseError
from release.targets.kubernetes.client.kubernetes_api import Api, Conflict
from release.targets.kubernetes.health import workloads
from release.targets.kubernetes.health.diagnostics import Problem
from release.targets.kubernetes.health.failure_detector import FailureDetector
from release.targets.kubernetes.helm import helm_history, recovery
from release.targets.kubernetes.helm.helm_cli import Helm, is_timeout
from release.targets.kubernetes.helm.helm_history import HelmRevision
from release.targets.kubernetes.namespaces import PASSWORD

_NAME = PASSWORD
_WORKLOAD = {"kind": "StatefulSet", "metadata": {"name": _NAME}}
_SEEN, _BACK = 30.0, 180.0
"""Seconds for what Helm calls ready, and for a server that stops in good order and starts again."""


@dataclass(frozen=True)
class PostgresqlRelease:
    """Whoever calls holds the shop's lock."""

    api: Api
    helm: Helm
    namespace: str

    @property
    def values(self) -> dict[str, Any]:
        """What it was installed with; nothing when it was not."""
        found = self._deployed or self._last
        return found.values if found else {}

    def apply(self, chart: Path, values: Mapping[str, Any]) -> None:
        """Install it, or bring it up to date. Raises NotReadyError with the reason; what ran before
        runs on.
        """
        recovery.recover(self.api, self.helm, self.namespace, _NAME)
        before, is_new = self._deployed, self._last is None
        watch = FailureDetector(self.api, self.namespace, self.api.clock())
        try:
            with step(f"installing PostgreSQL into {self.namespace}"):
                self._upgrade(watch, chart, values)
        except BaseException as error:
            # Read at once: its pods go when it is taken back.
            found, log = _blamed(watch, error)
            rest = self._put_back(before) if before else self._take_away(is_new)
            if not isinstance(error, ReleaseError):
                raise
            said = f"the inventory did not become ready: {found or error}; {rest}"
            raise NotReadyError(said, log) from error

    def _upgrade(self, watch: FailureDetector, chart: Path, values: Mapping[str, Any]) -> None:
        def hopeless() -> bool:
            # A StatefulSet waits for ever for the pod that the new one is to replace.
            recovery.delete_stuck_pods(self.api, self.namespace)
            return watch.lasting() is not None

        self.helm.install(_NAME, self.namespace, (chart,), values, stop=hopeless)
        if not http.wait_until(self._is_ready, limit=_SEEN, pause=1):
            raise ReleaseError(self._missing)

    def _put_back(self, before: HelmRevision) -> str:
        """Make what ran before run again, and say so. Not by Helm itself: it would wait for a pod
        that its StatefulSet does not replace.
        """
        watch = FailureDetector(self.api, self.namespace, self.api.clock())

        with step(f"rolling back to revision {before.number}"):
            self.helm.rollback(self.namespace, before.number, _NAME)
            if watch.wait_until_ready(self._is_ready, _BACK):
                return f"revision {before.number} keeps running"
            why = watch.likeliest() or self._missing
            return f"revision {before.number} is restored, but not ready: {why}"

    def _take_away(self, is_new: bool) -> str:
        if not is_new:
            # It failed once, and may serve all the same by now.
            return "it is left as it is"
        with step("removing PostgreSQL"):
            self.helm.uninstall(self.namespace, _NAME)
            self._drop_claim()
        return "it was removed again"

    def _drop_claim(self) -> None:
        """That of a volume which never was: the next attempt may name another storage class."""
        path = f"/api/v1/namespaces/{self.namespace}/persistentvolumeclaims/data-{_NAME}-0"
        claim = self.api.get(path)
        if claim and claim["status"].get("phase") == "Pending":
            version = claim["metadata"]["resourceVersion"]
            with suppress(Conflict):
                self.api.delete(path, {"preconditions": {"resourceVersion": version}})

    def _is_ready(self) -> bool:
        recovery.delete_stuck_pods(self.api, self.namespace)
        return not self._missing

    @property
    def _missing(self) -> str:
        return "; ".join(workloads.list_unready(self.api, self.namespace, [_WORKLOAD]))

    @property
    def _last(self) -> HelmRevision | None:
        return helm_history.newest(self.api, self.namespace, _NAME)

    @property
    def _deployed(self) -> HelmRevision | None:
        return helm_history.running(self.api, self.namespace, _NAME)


def _blamed(watch: FailureDetector, error: BaseException) -> tuple[Problem | None, str]:
    """The trouble behind an error, and the log of its process. Helm knows best what it was refused,
    and not at all why time was up; then it may also be what was wrong before.
    """
    if not isinstance(error, ReleaseError):
        return None, ""
    found = watch.likeliest(earlier=is_timeout(error))
    return found, watch.log(found)
