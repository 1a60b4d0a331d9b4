"""Removes what killed commands and failed rollouts leave behind, which Helm does not clean up."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from release.console import note
from release.errors import NotAllowedError, ReleaseError
from release.model.names import MADE_BY_US
from release.targets.kubernetes.client import pods
from release.targets.kubernetes.client.kubernetes_api import Api, Conflict
from release.targets.kubernetes.health import workloads
from release.targets.kubernetes.helm import helm_history
from release.targets.kubernetes.helm.helm_cli import Helm

# By default, the API server deletes a Job and keeps its pods.
_WITH_PODS = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}


def recover(api: Api, helm: Helm, namespace: str, release: str, **labels: str) -> None:
    """Roll back a change that was interrupted, since Helm refuses to go on from there.

    Does nothing if the last record lacks these labels. The caller holds the lock of the release.
    """
    last = helm_history.newest(api, namespace, release, **labels)
    if last is None or last.status not in helm_history.PENDING:
        return
    note(f"{release}: the last change was interrupted; rolling it back")
    if last.has_jobs:
        # Asked only where there are Jobs: moving traffic needs no permission for them.
        delete_hooks(api, namespace, release)
    if current := helm_history.running(api, namespace, release):
        helm.rollback(namespace, current.number, release)
    else:
        helm.uninstall(namespace, release)


def is_never_deployed(api: Api, namespace: str, release: str) -> bool:
    """Return True for a release of ours of which no revision was ever deployed.

    Our label tells it from another one of the same name: Traefik is called traefik everywhere.
    """
    try:
        is_ours = helm_history.newest(api, namespace, release, **MADE_BY_US) is not None
        return is_ours and helm_history.running(api, namespace, release) is None
    except NotAllowedError:
        # A caller that may not read the records may not install the release either.
        return False


def delete_stuck_pods(api: Api, namespace: str) -> None:
    """Delete unready pods of earlier revisions of StatefulSets, which never replace these."""
    for item in api.items(workloads.path("StatefulSet", namespace)):
        latest = item["status"].get("updateRevision")
        for pod in api.items(f"/api/v1/namespaces/{namespace}/pods"):
            revision = pod["metadata"].get("labels", {}).get("controller-revision-hash")
            owners = pod["metadata"].get("ownerReferences", ())
            is_owned = any(owner["uid"] == item["metadata"]["uid"] for owner in owners)
            if is_owned and not pods.is_ready(pod) and revision != latest:
                api.delete(f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}")


@contextmanager
def deleting_hooks_on_failure(api: Api, namespace: str) -> Iterator[None]:
    """Delete the hooks of a release when the block fails, or a migration would go on trying."""
    try:
        yield
    except BaseException:
        with suppress(ReleaseError, Conflict):
            delete_hooks(api, namespace, namespace)
        raise


def delete_hooks(api: Api, namespace: str, release: str) -> None:
    """Delete the hook Jobs of a release. Helm itself deletes those that succeed."""
    folder = workloads.path("Job", namespace)
    for job in api.items(folder, label=f"app.kubernetes.io/instance={release}"):
        if "helm.sh/hook" in job["metadata"].get("annotations", {}):
            api.delete(f"{folder}/{job['metadata']['name']}", _WITH_PODS)
