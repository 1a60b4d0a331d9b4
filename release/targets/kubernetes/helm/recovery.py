"""What a command began and did not get to the end of, as Helm records it."""

from __future__ import annotations

from release.console import note
from release.errors import NotAllowedError
from release.model.names import MADE_BY_US
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.helm import helm_history, hooks
from release.targets.kubernetes.helm.helm_cli import Helm


def never_deployed(api: Api, namespace: str, release: str) -> bool:
    """Whether a release of ours is there that never got so far as to be deployed. One of somebody
    else's is not told apart by its name: Traefik is called traefik everywhere.
    """
    try:
        began = helm_history.newest(api, namespace, release, **MADE_BY_US) is not None
        return began and helm_history.running(api, namespace, release) is None
    except NotAllowedError:
        # Whoever may not read its records may not install it either.
        return False


def put_right(api: Api, helm: Helm, namespace: str, release: str, **labels: str) -> None:
    """Go back to before a change that was broken off: Helm refuses to go on from there. Only where
    its record carries these labels; whoever calls knows that nobody else is at work.
    """
    last = helm_history.newest(api, namespace, release, **labels)
    if last is None or last.status not in helm_history.PENDING:
        return
    note(f"{release}: the last change was broken off; going back to before it")
    if last.has_jobs:
        # Otherwise whoever moves traffic would need rights to Jobs.
        hooks.end(api, namespace, release)
    if current := helm_history.running(api, namespace, release):
        helm.rollback(namespace, current.number, release)
    else:
        helm.uninstall(namespace, release)
