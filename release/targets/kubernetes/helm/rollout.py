"""Rolls out a revision of a release, or an earlier one again; what fails is rolled back."""

from contextlib import nullcontext
from dataclasses import dataclass

from release.console import step
from release.errors import NotReadyError, ReleaseError, ToolError
from release.model.release import Release
from release.targets.kubernetes import route_propagation
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.health import workloads
from release.targets.kubernetes.health.diagnostics import FailureDetector
from release.targets.kubernetes.helm import helm_history, recovery
from release.targets.kubernetes.helm.helm_cli import Helm, cluster_errors, is_timeout
from release.targets.kubernetes.helm.helm_history import FORCED, HelmHistory, HelmRevision
from release.targets.kubernetes.traefik import Traefik

_LIMIT = 300.0
"""Seconds until a release is ready, whether it is deployed or rolled back."""


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
        recovery.recover(self.api, self.helm, namespace, namespace)
        before = self.history.current(namespace)
        detector = FailureDetector(self.api, namespace, self.api.clock())
        with (
            step(f"helm upgrade {namespace}"),
            recovery.deleting_hooks_on_failure(self.api, namespace),
        ):
            self._upgrade(detector, before, waits=True)
        try:
            with step(f"waiting for {namespace} to be ready"):
                self._await_ready(detector)
                route_propagation.await_routes(self.api, self.traefik, self.release)
        except BaseException as error:
            is_restored = self._roll_back(before)
            if isinstance(error, ReleaseError):
                raise self._failure(error, before, is_restored=is_restored) from error
            raise

    def update_routes(self) -> None:
        """Change routes and nothing else. Return once Traefik serves them.

        Raises UnansweredError when the connection to the cluster is lost: another attempt repairs
        that.
        """
        namespace = self.release.namespace
        with cluster_errors(self.api.context):
            recovery.recover(self.api, self.helm, namespace, namespace)
        detector = FailureDetector(self.api, namespace, self.api.clock())
        self._upgrade(detector, self.history.current(namespace), waits=False)
        route_propagation.await_routes(self.api, self.traefik, self.release)

    def _upgrade(
        self, detector: FailureDetector, before: HelmRevision | None, *, waits: bool
    ) -> None:
        release = self.release
        try:
            with nullcontext() if waits else cluster_errors(self.api.context):
                self.helm.upgrade(
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
            reason = NotReadyError(*detector.explain(error, earlier=is_timeout(error)))
            raise self._failure(reason, before) from error

    def _await_ready(self, detector: FailureDetector) -> None:
        unready: list[str] = []

        def is_ready() -> bool:
            namespace = self.release.namespace
            unready[:] = workloads.list_unready(self.api, namespace, self.release.objects)
            return not unready

        if not detector.wait_until_ready(is_ready, _LIMIT):
            raise NotReadyError(*detector.explain("; ".join(unready)))

    def _roll_back(self, before: HelmRevision | None) -> bool:
        """Return True once everything is as it was before."""
        namespace = self.release.namespace
        if before is None:
            with step(f"removing {namespace}"):
                self.helm.uninstall(namespace)
            return True
        with step(f"rolling back to revision {before.number}"):
            return roll_back(self.api, self.helm, namespace, before.number)

    def _failure(
        self, error: ReleaseError, before: HelmRevision | None, *, is_restored: bool = True
    ) -> NotReadyError:
        rest = _outcome(before.number, is_restored) if before else "it was removed again"
        log = error.log if isinstance(error, NotReadyError) else ""
        return NotReadyError(f"{self.release.namespace} did not become ready: {error}; {rest}", log)


def roll_back(
    api: Api, helm: Helm, namespace: str, number: int, detector: FailureDetector | None = None
) -> bool:
    """Restore a revision as a new one. Return True once all of it is ready, False if it fails.

    Without a detector, problems of the revision that is replaced do not count.
    """
    helm.rollback(namespace, number)
    detector = detector or FailureDetector(api, namespace, api.clock())
    restored = helm_history.running(api, namespace, namespace)
    objects = restored.objects if restored else ()

    def is_ready() -> bool:
        recovery.delete_stuck_pods(api, namespace)
        return not workloads.list_unready(api, namespace, objects)

    return detector.wait_until_ready(is_ready, _LIMIT)


def restore_revision(api: Api, helm: Helm, namespace: str, running: int, earlier: int) -> None:
    """Replace the running revision by an earlier one.

    Raises NotReadyError with the reason when that does not become ready, after restoring the
    running one.
    """
    detector = FailureDetector(api, namespace, api.clock())
    if roll_back(api, helm, namespace, earlier, detector):
        return
    problem, log = detector.explain("the time limit has passed")
    rest = _outcome(running, roll_back(api, helm, namespace, running))
    raise NotReadyError(
        f"{namespace} did not become ready as it was in revision {earlier}: {problem}; {rest}", log
    )


def _outcome(revision: int, is_restored: bool) -> str:
    state = "keeps running" if is_restored else "is restored, but not ready: make status"
    return f"revision {revision} {state}"
