"""A shop's own PostgreSQL, as a Helm release that keeps the values once chosen for it."""

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
from release.targets.kubernetes.health.diagnostics import FailureDetector
from release.targets.kubernetes.helm import helm_history, recovery
from release.targets.kubernetes.helm.helm_cli import Helm, is_timeout
from release.targets.kubernetes.helm.helm_history import HelmRevision
from release.targets.kubernetes.namespaces import PASSWORD

_NAME = PASSWORD
_WORKLOAD = {"kind": "StatefulSet", "metadata": {"name": _NAME}}
_CONFIRMATION_LIMIT, _RESTORE_LIMIT = 30.0, 180.0
"""Seconds until what Helm calls ready is, and until a server has stopped and started again."""


@dataclass(frozen=True)
class PostgresqlRelease:
    """The caller holds the shop's lock."""

    api: Api
    helm: Helm
    namespace: str

    @property
    def values(self) -> dict[str, Any]:
        """The values that it was installed with; empty if it was not."""
        revision = self._deployed or self._last
        return revision.values if revision else {}

    def apply(self, chart: Path, values: Mapping[str, Any]) -> None:
        """Install it, or bring it up to date.

        Raises NotReadyError with the reason, after restoring what ran before.
        """
        recovery.recover(self.api, self.helm, self.namespace, _NAME)
        before, is_new = self._deployed, self._last is None
        detector = FailureDetector(self.api, self.namespace, self.api.clock())
        try:
            with step(f"installing PostgreSQL into {self.namespace}"):
                self._upgrade(detector, chart, values)
        except ReleaseError as error:
            # Read now: its pods go when it is rolled back. Helm knows why something was refused,
            # but not why time was up: then an earlier problem may be the reason.
            problem, log = detector.explain(error, earlier=is_timeout(error))
            rest = self._restore(before, is_new=is_new)
            message = f"the inventory did not become ready: {problem}; {rest}"
            raise NotReadyError(message, log) from error
        except BaseException:
            self._restore(before, is_new=is_new)
            raise

    def _upgrade(self, detector: FailureDetector, chart: Path, values: Mapping[str, Any]) -> None:
        def is_hopeless() -> bool:
            # A StatefulSet waits for ever for the pod that the new one is to replace.
            recovery.delete_stuck_pods(self.api, self.namespace)
            return detector.lasting() is not None

        self.helm.install(_NAME, self.namespace, (chart,), values, stop=is_hopeless)
        if not http.wait_until(self._is_ready, limit=_CONFIRMATION_LIMIT, pause=1):
            raise ReleaseError(self._not_ready_reason)

    def _restore(self, before: HelmRevision | None, *, is_new: bool) -> str:
        """Make what ran before run again, and return the outcome in words."""
        if before is None:
            return self._remove() if is_new else "it is left as it is"  # and may serve by now
        # Helm's own rollback would wait for a pod that its StatefulSet does not replace.
        detector = FailureDetector(self.api, self.namespace, self.api.clock())
        with step(f"rolling back to revision {before.number}"):
            self.helm.rollback(self.namespace, before.number, _NAME)
            if detector.wait_until_ready(self._is_ready, _RESTORE_LIMIT):
                return f"revision {before.number} keeps running"
            why = detector.likeliest() or self._not_ready_reason
            return f"revision {before.number} is restored, but not ready: {why}"

    def _remove(self) -> str:
        path = f"/api/v1/namespaces/{self.namespace}/persistentvolumeclaims/data-{_NAME}-0"
        with step("removing PostgreSQL"):
            self.helm.uninstall(self.namespace, _NAME)
            claim = self.api.get(path)
            # Without a volume it goes as well: the next attempt may name another storage class.
            if claim and claim["status"].get("phase") == "Pending":
                version = claim["metadata"]["resourceVersion"]
                with suppress(Conflict):
                    self.api.delete(path, {"preconditions": {"resourceVersion": version}})
        return "it was removed again"

    def _is_ready(self) -> bool:
        recovery.delete_stuck_pods(self.api, self.namespace)
        return not self._not_ready_reason

    @property
    def _not_ready_reason(self) -> str:
        return "; ".join(workloads.list_unready(self.api, self.namespace, [_WORKLOAD]))

    @property
    def _last(self) -> HelmRevision | None:
        return helm_history.newest(self.api, self.namespace, _NAME)

    @property
    def _deployed(self) -> HelmRevision | None:
        return helm_history.running(self.api, self.namespace, _NAME)
