"""Namespaces of the shop, and the Secrets in them that no release holds."""

from __future__ import annotations

from base64 import b64decode

from release import web
from release.errors import NotAllowedError, ReleaseError
from release.targets.kubernetes.api import Api, Conflict, Object

SHARED = "shop"
"""What all releases share lives here: the inventory, and who is at work."""
DATABASE, SLACK, PASSWORD = "stock-database", "slack-webhook", "postgresql"
_LEAVING = 120
_OURS = {"app.kubernetes.io/part-of": "shop", "app.kubernetes.io/managed-by": "parallel-releases"}
_SELECTOR = ",".join(f"{key}={value}" for key, value in _OURS.items())
_LABELS = {**_OURS, "pod-security.kubernetes.io/enforce": "restricted"}


def ensure(api: Api, name: str) -> None:
    """A namespace in which no pod may do more than ours need. One that is there stays as it is, one
    that is about to go is waited for. Raises ReleaseError when it does not.
    """
    path = f"/api/v1/namespaces/{name}"
    if not web.wait_until(lambda: not _leaves(api.get(path)), limit=_LEAVING, pause=1):
        raise ReleaseError(f"namespace {name} is being removed for {_LEAVING} s and does not go")
    if api.get(f"/api/v1/namespaces/{name}") is None:
        body = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": _LABELS},
        }
        try:
            api.create("/api/v1/namespaces", body)
        except Conflict:
            return


def _leaves(namespace: Object | None) -> bool:
    return namespace is not None and namespace["status"].get("phase") == "Terminating"


def ours(api: Api) -> list[str]:
    """The namespaces that were made for the shop."""
    try:
        found = api.names("/api/v1/namespaces", label=_SELECTOR)
    except NotAllowedError:
        # Whoever may not list namespaces has the usual ones.
        return []
    return sorted(item["name"] for item in found)


def remove(api: Api, name: str) -> None:
    """Remove a namespace that was made for the shop; of another one, only our Secrets."""
    found = api.get(f"/api/v1/namespaces/{name}")
    if found and _OURS.items() <= found["metadata"].get("labels", {}).items():
        api.delete(f"/api/v1/namespaces/{name}")
    elif found:
        folder = f"/api/v1/namespaces/{name}/secrets"
        for item in api.names(folder, label=_SELECTOR):
            api.delete(f"{folder}/{item['name']}")


def ensure_database(api: Api, namespace: str) -> None:
    """The Secret from which stock learns where the inventory is: one that is there stays, else it
    is made from the shop's own PostgreSQL. Raises ReleaseError when there is neither.
    """
    if secret(api, namespace, DATABASE) is not None:
        return
    password = secret(api, SHARED, PASSWORD)
    if password is None:
        raise ReleaseError(
            f"there is no inventory: make platform installs a PostgreSQL, or put the URL of yours "
            f"into the Secret {DATABASE} of namespace {namespace}, key url"
        )
    host = f"{PASSWORD}.{SHARED}.svc:5432"
    write_secret(
        api, namespace, DATABASE, "url", f"postgresql://stock:{password['password']}@{host}/stock"
    )


def secret(api: Api, namespace: str, name: str) -> dict[str, str] | None:
    """What a Secret holds."""
    found = api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
    if found is None:
        return None
    return {key: b64decode(value).decode() for key, value in found.get("data", {}).items()}


def write_secret(api: Api, namespace: str, name: str, key: str, value: str) -> None:
    """Make or replace a Secret. Its value goes to the API server and nowhere else."""
    folder = f"/api/v1/namespaces/{namespace}/secrets"
    body: Object = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": _OURS},
        "stringData": {key: value},
    }
    if api.get(f"{folder}/{name}") is None:
        api.create(folder, body)
    else:
        api.replace(f"{folder}/{name}", body)
