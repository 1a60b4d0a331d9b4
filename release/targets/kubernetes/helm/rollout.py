"""One revision of a release: handed to Helm, watched until it is ready, taken back if it is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
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
from release.targets.kubernetes.helm import hooks, recovery
from release.targets.kubernetes.helm.helm_cli import (
    Helm,
    is_connection_error,
    is_forbidden,
    is_timeout,
)
from release.targets.kubernetes.helm.helm_history import FORCED, HelmHistory, HelmRevision
from release.targets.kubernetes.helm.rollback import go_back
from release.targets.kubernetes.traefik import Traefik

_LIMIT = 300.0


@dataclass(frozen=True)
class Rollout:
    """Whoever calls holds the target's lock."""

    api: Api
    helm: Helm
    records: HelmHistory
    traefik: Traefik
    release: Release
    keep: int
    """Revisions that Helm keeps."""

    def run(self) -> None:
        """Raises ReleaseError, naming the object and the reason; what ran before runs on."""
        namespace = self.release.namespace
        self._put_right()
        before = self.records.current(namespace)
        watch = FailureDetector(self.api, namespace, self.api.clock())
        with (
            step(f"helm upgrade {namespace}"),
            hooks.ended_on_failure(self.api, namespace, namespace),
        ):
            self._upgrade(watch, waits=True)
        try:
            with step(f"waiting for {namespace} to be ready"):
                self._await(watch)
                route_propagation.await_routes(self.api, self.traefik, self.release)
        except BaseException as error:
            whole = self._take_back(before.number if before else 0)
            if isinstance(error, ReleaseError):
                raise self._worded(error, before, whole=whole) from error
            raise

    def update_routes(self) -> None:
        """Change routes and nothing else; it counts once Traefik shows them. Raises
        UnansweredError when the cluster went away meanwhile: another attempt puts that right.
        """
        with self._telling_apart():
            self._put_right()
            watch = FailureDetector(self.api, self.release.namespace, self.api.clock())
            self._upgrade(watch, waits=False)
        route_propagation.await_routes(self.api, self.traefik, self.release)

    def _upgrade(self, watch: FailureDetector, *, waits: bool) -> None:
        release = self.release
        before = self.records.current(release.namespace)
        try:
            self.helm.upgrade(
                release.namespace,
                release.namespace,
                release.chart,
                release.values,
                keep=self.keep,
                waits=waits,
                stop=lambda: waits and watch.lasting() is not None,
                description=FORCED + release.reason if release.reason else "",
            )
        except ToolError as error:
            if not waits and (is_connection_error(error) or is_forbidden(error)):
                raise
            # When something did not come in time, Helm does not know why. Otherwise it knows best,
            # unless a pod of this very release does.
            found = watch.likeliest(earlier=is_timeout(error))
            said = NotReadyError(str(found or error), watch.log(found))
            raise self._worded(said, before) from error

    @contextmanager
    def _telling_apart(self) -> Iterator[None]:
        """What may pass by itself, and what Helm is not allowed."""
        try:
            yield
        except ToolError as error:
            where = f"the cluster of CONTEXT={self.api.context}"
            if is_connection_error(error):
                raise UnansweredError(f"{where} does not answer: {error}") from error
            if is_forbidden(error):
                raise NotAllowedError(f"{where} refuses it: {error}") from error
            raise

    def _put_right(self) -> None:
        """What a command that was killed has left."""
        namespace = self.release.namespace
        recovery.put_right(self.api, self.helm, namespace, namespace)

    def _await(self, watch: FailureDetector) -> None:
        deadline = time.monotonic() + _LIMIT
        while True:
            missing = workloads.waiting_for(self.api, self.release.namespace, self.release.objects)
            if not missing:
                return
            if watch.lasting() or time.monotonic() > deadline:
                found = watch.likeliest()
                raise NotReadyError(str(found or "; ".join(missing)), watch.log(found))
            time.sleep(0.5)

    def _take_back(self, before: int) -> bool:
        """Whether all is as it was before."""
        namespace = self.release.namespace
        with step(f"going back to revision {before}" if before else f"removing {namespace}"):
            if not before:
                self.helm.uninstall(namespace)
                return True
            return go_back(self.api, self.helm, self.records, namespace, before)

    def _worded(
        self, error: ReleaseError, before: HelmRevision | None, *, whole: bool = True
    ) -> NotReadyError:
        rest = f"revision {before.number} runs on" if before else "it was taken away again"
        if before and not whole:
            rest = f"revision {before.number} is put back, but not ready: make status"
        log = error.log if isinstance(error, NotReadyError) else ""
        return NotReadyError(f"{self.release.namespace} did not become ready: {error}; {rest}", log)
