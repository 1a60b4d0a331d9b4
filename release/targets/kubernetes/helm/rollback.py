"""Rolls a release back to an earlier revision, and waits until everything is ready again."""

from __future__ import annotations

from release.errors import NotReadyError
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.health import workloads
from release.targets.kubernetes.health.failure_detector import FailureDetector
from release.targets.kubernetes.helm import recovery
from release.targets.kubernetes.helm.helm_cli import Helm
from release.targets.kubernetes.helm.helm_history import HelmHistory

_LIMIT = 300.0
"""Seconds, as for a deploy: it is the same work."""


def roll_back(
    api: Api,
    helm: Helm,
    history: HelmHistory,
    namespace: str,
    number: int,
    detector: FailureDetector | None = None,
) -> bool:
    """Restore a revision as a new one. Return True once all of it is ready, False if it fails.

    Without a detector, problems of the revision that is replaced do not count.
    """
    helm.rollback(namespace, number)
    detector = detector or FailureDetector(api, namespace, api.clock())
    restored = history.current(namespace)
    objects = restored.objects if restored else ()

    def is_ready() -> bool:
        recovery.delete_stuck_pods(api, namespace)
        return not workloads.list_unready(api, namespace, objects)

    return detector.wait_until_ready(is_ready, _LIMIT)


def restore_revision(
    api: Api, helm: Helm, history: HelmHistory, namespace: str, running: int, earlier: int
) -> None:
    """Replace the running revision by an earlier one.

    Raises NotReadyError with the reason when that does not become ready, after restoring the
    running one.
    """
    detector = FailureDetector(api, namespace, api.clock())
    if roll_back(api, helm, history, namespace, earlier, detector):
        return
    problem = detector.likeliest()
    log = detector.log(problem)
    is_restored = roll_back(api, helm, history, namespace, running)
    rest = "keeps running" if is_restored else "is restored, but not ready: make status"
    raise NotReadyError(
        f"{namespace} did not become ready as it was in revision {earlier}: "
        f"{problem or 'the time limit has passed'}; revision {running} {rest}",
        log,
    )
