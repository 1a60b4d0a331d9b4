"""The namespaces of one shop, and the Secrets in them that no release holds."""

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
_REMOVAL_LIMIT = 330
"""Seconds. While a pod takes its time to end, the cluster looks at its namespace again only after
half of that time, and the operator gives a Prometheus ten minutes."""
_PODS_LIMIT = 60
_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@dataclass(frozen=True)
class Namespaces:
    """Makes and removes namespaces of one shop, and leaves those of others alone."""

    api: Api
    names: Names

    def check(self, name: str) -> bool:
        """Return True if a namespace exists; wait for one that is being removed.

        Raises ReleaseError if that takes too long, UsageError if it was made for another shop.
        """
        path = f"/api/v1/namespaces/{name}"

        def is_gone() -> bool:
            return not _is_terminating(self.api.get(path))

        namespace = self.api.get(path)
        if _is_terminating(namespace):
            with step(f"waiting for namespace {name} to go"):
                if not http.wait_until(is_gone, limit=_REMOVAL_LIMIT, pause=1):
                    raise ReleaseError(
                        f"namespace {name} is being removed for {_REMOVAL_LIMIT} s and does not go"
                    )
            namespace = self.api.get(path)
        labels = namespace["metadata"].get("labels", {}) if namespace else {}
        if MADE_BY_US.items() <= labels.items():
            self.check_owner(name, labels.get(PART_OF, ""))
        return namespace is not None

    def check_owner(self, name: str, owner: str) -> None:
        """Raise UsageError if what is in a namespace belongs to another shop."""
        shop = self.names.shop
        if owner != shop:
            raise UsageError(f"namespace {name} belongs to SHOP={owner}, not to SHOP={shop}")

    def ensure(self, name: str) -> bool:
        """Create a namespace that restricts its pods, unless it exists. Return True if it is new.

        Raises like `check`.
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

    def list_created(self) -> list[str]:
        """Return the namespaces that were created for the shop; none if they may not be listed."""
        try:
            created = self.api.names("/api/v1/namespaces", label=self._selector)
        except NotAllowedError:
            return []
        return sorted(item["name"] for item in created)

    def remove(self, name: str) -> None:
        """Remove a namespace that was created for the shop; in another one, only our Secrets.

        Waits up to a minute until its pods have ended: with pods it may stay for five minutes.
        """
        path = f"/api/v1/namespaces/{name}"
        namespace = self.api.get(path)
        unfinished = "status.phase!=Succeeded,status.phase!=Failed"
        if namespace and self._labels.items() <= namespace["metadata"].get("labels", {}).items():
            http.wait_until(
                lambda: not self.api.names(f"{path}/pods", field=unfinished),
                limit=_PODS_LIMIT,
                pause=1,
            )
            self.api.delete(path)
        elif namespace:
            for item in self.api.names(f"{path}/secrets", label=self._selector):
                self.api.delete(f"{path}/secrets/{item['name']}")

    def has_inventory(self) -> bool:
        """True if `make platform` gave the shop a PostgreSQL of its own."""
        return self.read_secret(self.names.shared, PASSWORD) is not None

    def missing_database(self, namespace: str) -> str | None:
        """Return the URL of the shop's PostgreSQL, or None if a Secret of the namespace has one.

        Raises ReleaseError if there is neither.
        """
        if self.read_secret(namespace, DATABASE) is not None:
            return None
        shared = self.names.shared
        secret = self.read_secret(shared, PASSWORD)
        if secret is None:
            raise ReleaseError(
                f"there is no inventory: make platform installs a PostgreSQL, or put the URL of "
                f"yours into the Secret {DATABASE} of namespace {namespace}, key url"
            )
        return f"postgresql://stock:{secret['password']}@{PASSWORD}.{shared}.svc:5432/stock"

    def read_secret(self, namespace: str, name: str) -> dict[str, str] | None:
        """Return the content of a Secret; None if there is none."""
        secret = self.api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        if secret is None:
            return None
        return {key: b64decode(value).decode() for key, value in secret.get("data", {}).items()}

    def write_secret(self, namespace: str, name: str, key: str, value: str) -> None:
        """Create or replace a Secret. Its value goes to the API server and nowhere else."""
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


def _is_terminating(namespace: Object | None) -> bool:
    return namespace is not None and namespace["status"].get("phase") == "Terminating"
