"""Back to an earlier revision of a release, and waiting until it is whole again."""

from __future__ import annotations

from collections.abc import Sequence

from release.clients import http
from release.errors import NotReadyError
from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.health import workloads
from release.targets.kubernetes.health.failure_detector import FailureDetector
from release.targets.kubernetes.helm import stuck
from release.targets.kubernetes.helm.helm_cli import Helm
from release.targets.kubernetes.helm.helm_history import HelmHistory

_LIMIT = 300.0
"""Seconds, as for a deploy: it is the same work."""


def go_back(
    api: Api,
    helm: Helm,
    records: HelmHistory,
    namespace: str,
    number: int,
    watch: FailureDetector | None = None,
) -> bool:
    """Put a revision back, as a new one; whether everything of it became ready, before a `watch`
    saw that it does not. Without one, what was wrong until now is what this mends.
    """
    helm.rollback(namespace, number)
    seen = watch or FailureDetector(api, namespace, api.clock())
    earlier = records.current(namespace)
    objects = earlier.objects if earlier else ()

    def decided() -> bool:
        return _is_whole(api, namespace, objects) or seen.lasting() is not None

    return http.wait_until(decided, limit=_LIMIT, pause=1) and _is_whole(api, namespace, objects)


def exchange(
    api: Api, helm: Helm, records: HelmHistory, namespace: str, running: int, earlier: int
) -> None:
    """Put an earlier revision in the place of the one that runs. Raises NotReadyError with the
    reason when it does not become ready any more; then that one runs on.
    """
    watch = FailureDetector(api, namespace, api.clock())
    if go_back(api, helm, records, namespace, earlier, watch):
        return
    found = watch.likeliest()
    log = watch.log(found)
    whole = go_back(api, helm, records, namespace, running)
    rest = "runs on" if whole else "is put back, but not ready: make status"
    raise NotReadyError(
        f"{namespace} did not become ready as it was in revision {earlier}: "
        f"{found or 'time is up'}; revision {running} {rest}",
        log,
    )


def _is_whole(api: Api, namespace: str, objects: Sequence[Object]) -> bool:
    """Whether everything is ready again. A StatefulSet does not replace a pod that never became
    ready, although it is not the one it wants any more.
    """
    stuck.delete(api, namespace)
    return not workloads.waiting_for(api, namespace, objects)
