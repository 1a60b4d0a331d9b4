"""What Helm leaves of a hook when it is interrupted: a Job that goes on by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from release.errors import ReleaseError
from release.targets.kubernetes.client.kubernetes_api import Api, Conflict

# Asked for plainly, a Job goes and its pods stay.
_WITH_PODS = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}


@contextmanager
def ended_on_failure(api: Api, namespace: str, release: str) -> Iterator[None]:
    """End hooks when the block fails: a migration would try again, for a release that was taken
    back.
    """
    try:
        yield
    except BaseException:
        with suppress(ReleaseError, Conflict):
            end(api, namespace, release)
        raise


def end(api: Api, namespace: str, release: str) -> None:
    """End the hooks of a release, whose logs have been read. One that went well is gone already."""
    folder = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    for job in api.items(folder, label=f"app.kubernetes.io/instance={release}"):
        if "helm.sh/hook" in job["metadata"].get("annotations", {}):
            api.delete(f"{folder}/{job['metadata']['name']}", _WITH_PODS)
