"""Back to an earlier revision of a release, and waiting until it is whole again."""

from __future__ import annotations

from collections.abc import Sequence

from release import web
from release.targets.kubernetes import readiness, stuck
from release.targets.kubernetes.api import Api, Object
from release.targets.kubernetes.helm import Helm
from release.targets.kubernetes.records import Records

_LIMIT = 90.0


def go_back(api: Api, helm: Helm, records: Records, namespace: str, number: int) -> bool:
    """Put a revision back, as a new one; whether everything of it became ready."""
    helm.rollback(namespace, number)
    earlier = records.current(namespace)
    objects = earlier.objects if earlier else ()
    return web.wait_until(lambda: _is_whole(api, namespace, objects), limit=_LIMIT, pause=1)


def _is_whole(api: Api, namespace: str, objects: Sequence[Object]) -> bool:
    """Whether everything is ready again. A StatefulSet does not replace a pod that never became
    ready, although it is not the one it wants any more.
    """
    stuck.delete(api, namespace)
    return not readiness.waiting_for(api, namespace, objects)
