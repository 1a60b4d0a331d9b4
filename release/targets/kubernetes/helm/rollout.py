"""Rolls out one revision of a release: Helm applies it, and it is rolled back if it fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from release.console import step
from release.errors import (
    NotAllowedError,
    NotReadyError,
    ReleaseError,
    ToolError,
    UnansweredError,
)
from release.model.release import Release
from release.targets.kubernetes import route_propagation
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.health import workloads
from release.targets.kubernetes.health.failure_detector import FailureDetector
from release.targets.kubernetes.helm import recovery
from release.targets.kubernetes.helm.helm_cli import (
    Helm,
    is_connection_error,
    is_forbidden,
    is_timeout,
)
from release.targets.kubernetes.helm.helm_history import FORCED, HelmHistory, HelmRevision
from release.targets.kubernetes.helm.rollback import roll_back
from release.targets.kubernetes.traefik import Traefik

_LIMIT = 300.0


@dataclass(frozen=True)
class Rollout:
    """The caller holds the target's lock."""

    api: Api
    helm: Helm
    history: HelmHistory
    traefik: Traefik
    release: Release
    keep: int
    """Number of revisions that Helm keeps."""

    def run(self) -> None:
        """Deploy the release, and wait until it is ready and routed.

        Raises ReleaseError naming the object and the reason, after rolling back.
        """
        namespace = self.release.namespace
        self._recover()
        before = self.history.current(namespace)
        detector = FailureDetector(self.api, namespace, self.api.clock())
        with (
            step(f"helm upgrade {namespace}"),
            recovery.deleting_hooks_on_failure(self.api, namespace),
        ):
            self._upgrade(detector, waits=True)
        try:
            with step(f"waiting for {namespace} to be ready"):
                self._await_ready(detector)
                route_propagation.await_routes(self.api, self.traefik, self.release)
        except BaseException as error:
            is_restored = self._roll_back(before.number if before else 0)
            if isinstance(error, ReleaseError):
                raise self._failure(error, before, is_restored=is_restored) from error
            raise

    def update_routes(self) -> None:
        """Change routes and nothing else. Return once Traefik serves them.

        Raises UnansweredError when the connection to the cluster is lost: another attempt repairs
        that.
        """
        with self._cluster_errors():
            self._recover()
        detector = FailureDetector(self.api, self.release.namespace, self.api.clock())
        self._upgrade(detector, waits=False)
        route_propagation.await_routes(self.api, self.traefik, self.release)

    def _upgrade(self, detector: FailureDetector, *, waits: bool) -> None:
        release = self.release
        before = self.history.current(release.namespace)
        try:
            with nullcontext() if waits else self._cluster_errors():
                self.helm.upgrade(
                    release.namespace,
                    release.namespace,
                    release.chart,
                    release.values,
                    keep=self.keep,
                    waits=waits,
                    stop=lambda: waits and detector.lasting() is not None,
                    description=FORCED + release.reason if release.reason else "",
                )
        except ToolError as error:
            # Helm does not know why something timed out. Other reasons it knows best, unless a pod
            # of this very revision has a problem.
            problem = detector.likeliest(earlier=is_timeout(error))
            reason = NotReadyError(str(problem or error), detector.log(problem))
            raise self._failure(reason, before) from error

    @contextmanager
    def _cluster_errors(self) -> Iterator[None]:
        """Raise errors of their own for a lost connection and a missing permission."""
        try:
            yield
        except ToolError as error:
            cluster = f"the cluster of CONTEXT={self.api.context}"
            if is_connection_error(error):
                raise UnansweredError(f"{cluster} does not answer: {error}") from error
            if is_forbidden(error):
                raise NotAllowedError(f"{cluster} refuses it: {error}") from error
            raise

    def _recover(self) -> None:
        namespace = self.release.namespace
        recovery.recover(self.api, self.helm, namespace, namespace)

    def _await_ready(self, detector: FailureDetector) -> None:
        unready: list[str] = []

        def is_ready() -> bool:
            namespace = self.release.namespace
            unready[:] = workloads.list_unready(self.api, namespace, self.release.objects)
            return not unready

        if not detector.wait_until_ready(is_ready, _LIMIT):
            problem = detector.likeliest()
            raise NotReadyError(str(problem or "; ".join(unready)), detector.log(problem))

    def _roll_back(self, before: int) -> bool:
        """Return True once everything is as it was before."""
        namespace = self.release.namespace
        with step(f"rolling back to revision {before}" if before else f"removing {namespace}"):
            if not before:
                self.helm.uninstall(namespace)
                return True
            return roll_back(self.api, self.helm, self.history, namespace, before)

    def _failure(
        self, error: ReleaseError, before: HelmRevision | None, *, is_restored: bool = True
    ) -> NotReadyError:
        rest = f"revision {before.number} keeps running" if before else "it was removed again"
        if before and not is_restored:
            rest = f"revision {before.number} is restored, but not ready: make status"
        log = error.log if isinstance(error, NotReadyError) else ""
        return NotReadyError(f"{self.release.namespace} did not become ready: {error}; {rest}", log)
