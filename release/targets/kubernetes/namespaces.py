"""Namespaces of one shop, and the Secrets in them that no release holds."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from functools import cached_property

from release.clients import http
from release.console import step
from release.errors import NotAllowedError, ReleaseError, UsageError
from release.model.names import MADE_BY_US, PART_OF, Names
from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api, Conflict

DATABASE, SLACK, PASSWORD = "stock-database", "slack-webhook", "postgresql"
_LEAVING = 330
"""Seconds. Who removes a namespace with a pod that takes its time to end looks again after half of
that pod's time, which the operator makes ten minutes for a Prometheus."""
_ENDING = 60
_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@dataclass(frozen=True)
class Namespaces:
    """Those of one shop; whatever carries another one's label is left alone."""

    api: Api
    names: Names

    def check(self, name: str) -> bool:
        """Whether a namespace is there; one that is about to go is waited for. Raises ReleaseError
        when it does not, and UsageError for one that was made for another shop.
        """
        path = f"/api/v1/namespaces/{name}"
        found = self.api.get(path)
        if _leaves(found):
            with step(f"waiting for namespace {name} to go"):
                self._await_gone(name)
            found = self.api.get(path)
        if found and _was_made(found):
            check_owner(name, found["metadata"]["labels"].get(PART_OF, ""), self.names)
        return found is not None

    def _await_gone(self, name: str) -> None:
        path = f"/api/v1/namespaces/{name}"
        if not http.wait_until(lambda: not _leaves(self.api.get(path)), limit=_LEAVING, pause=1):
            raise ReleaseError(
                f"namespace {name} is being removed for {_LEAVING} s and does not go"
            )

    def ensure(self, name: str) -> bool:
        """A namespace in which no pod may do more than ours need, and whether it is new; one that
        is there stays as it is. Raises what `check` raises.
        """
        if self.check(name):
            return False
        metadata: Object = {"name": name, "labels": {**self._labels, **_RESTRICTED}}
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        try:
            self.api.create("/api/v1/namespaces", body)
        except Conflict:
            return False
        return True

    def made(self) -> list[str]:
        """The namespaces that were made for the shop."""
        try:
            found = self.api.names("/api/v1/namespaces", label=self._selector)
        except NotAllowedError:
            # Whoever may not list namespaces has the usual ones.
            return []
        return sorted(item["name"] for item in found)

    def remove(self, name: str) -> None:
        """Remove a namespace that was made for the shop, when its pods have ended, or a minute
        later; of another one, only our Secrets.
        """
        found = self.api.get(f"/api/v1/namespaces/{name}")
        if found and self._labels.items() <= found["metadata"].get("labels", {}).items():
            # With pods it may stay for five minutes: see above.
            http.wait_until(lambda: not self._runs_pods(name), limit=_ENDING, pause=1)
            self.api.delete(f"/api/v1/namespaces/{name}")
        elif found:
            folder = f"/api/v1/namespaces/{name}/secrets"
            for item in self.api.names(folder, label=self._selector):
                self.api.delete(f"{folder}/{item['name']}")

    def _runs_pods(self, name: str) -> bool:
        unfinished = "status.phase!=Succeeded,status.phase!=Failed"
        return bool(self.api.names(f"/api/v1/namespaces/{name}/pods", field=unfinished))

    def has_inventory(self) -> bool:
        """Whether `make platform` gave the shop a PostgreSQL of its own."""
        return secret(self.api, self.names.shared, PASSWORD) is not None

    def missing_database(self, namespace: str) -> str | None:
        """The URL of the shop's own PostgreSQL, for a namespace without the Secret from which stock
        learns where the inventory is. Raises ReleaseError when there is neither.
        """
        if secret(self.api, namespace, DATABASE) is not None:
            return None
        shared = self.names.shared
        password = secret(self.api, shared, PASSWORD)
        if password is None:
            raise ReleaseError(
                f"there is no inventory: make platform installs a PostgreSQL, or put the URL of "
                f"yours into the Secret {DATABASE} of namespace {namespace}, key url"
            )
        host = f"{PASSWORD}.{shared}.svc:5432"
        return f"postgresql://stock:{password['password']}@{host}/stock"

    def write_secret(self, namespace: str, name: str, key: str, value: str) -> None:
        """Make or replace a Secret. Its value goes to the API server and nowhere else."""
        folder = f"/api/v1/namespaces/{namespace}/secrets"
        body: Object = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "labels": self._labels},
            "stringData": {key: value},
        }
        if self.api.get(f"{folder}/{name}") is None:
            self.api.create(folder, body)
        else:
            self.api.replace(f"{folder}/{name}", body)

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {PART_OF: self.names.shop, **MADE_BY_US}

    @property
    def _selector(self) -> str:
        return ",".join(f"{key}={value}" for key, value in self._labels.items())


def secret(api: Api, namespace: str, name: str) -> dict[str, str] | None:
    """What a Secret holds."""
    found = api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
    if found is None:
        return None
    return {key: b64decode(value).decode() for key, value in found.get("data", {}).items()}


def check_owner(namespace: str, owner: str, names: Names) -> None:
    """Raises UsageError when what is in a namespace belongs to another shop."""
    if owner != names.shop:
        raise UsageError(f"namespace {namespace} belongs to SHOP={owner}, not to SHOP={names.shop}")


def _was_made(namespace: Object) -> bool:
    labels: Object = namespace["metadata"].get("labels", {})
    return MADE_BY_US.items() <= labels.items()


def _leaves(namespace: Object | None) -> bool:
    return namespace is not None and namespace["status"].get("phase") == "Terminating"
