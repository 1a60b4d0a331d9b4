"""What Helm recorded of each release: its values, its objects, when, and how it ended.

Read where Helm keeps it, a Secret for each revision, instead of by `helm get` and `helm history`: a
shift looks twice a second, and a history has a hundred revisions.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

import yaml

from release.model import services
from release.model.names import DEFAULT
from release.model.objects import Object
from release.model.release import Deployed, Record
from release.targets.kubernetes.client.kubernetes_api import Api

CHARTS = (services.FRONT.name, "entrypoint")
"""The charts that releases of ours are made from."""
FORCED = "forced: "
"""How Helm's description of a revision begins when a gate was overridden."""
PENDING = ("pending-install", "pending-upgrade", "pending-rollback", "uninstalling")


@dataclass(frozen=True)
class HelmRevision:
    """One revision of a release, as Helm keeps it."""

    content: Object

    @property
    def number(self) -> int:
        return int(self.content["version"])

    @property
    def status(self) -> str:
        return str(self.content["info"]["status"])

    @property
    def at(self) -> float:
        return datetime.fromisoformat(self.content["info"]["last_deployed"]).timestamp()

    @property
    def reason(self) -> str:
        """Why a gate was overridden; empty when it was not."""
        said = str(self.content["info"].get("description", ""))
        return said.removeprefix(FORCED) if said.startswith(FORCED) else ""

    @property
    def values(self) -> dict[str, Any]:
        return self.content.get("config") or {}

    @property
    def shop(self) -> str:
        """Whose release it is."""
        return str((self.values.get("global") or {}).get("shop", DEFAULT))

    @property
    def chart(self) -> str:
        return str(self.content["chart"]["metadata"]["name"])

    @property
    def chart_version(self) -> str:
        return str(self.content["chart"]["metadata"]["version"])

    @cached_property
    def objects(self) -> list[Object]:
        """What it consists of, hooks not included."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        found = yaml.load_all(self.content["manifest"], Loader=loader)
        return [document for document in found if document]

    @property
    def has_jobs(self) -> bool:
        """Whether hooks of it are Jobs, as migrations are."""
        return any(hook["kind"] == "Job" for hook in self.content.get("hooks") or ())


class HelmHistory:
    """Reads the revisions of one shop's releases, as if there were no others; a release is named
    like its namespace.
    """

    def __init__(self, api: Api, shop: str) -> None:
        self._api = api
        self._shop = shop
        self._known: dict[str, HelmRevision] = {}

    def current(self, namespace: str) -> HelmRevision | None:
        """The revision that runs, or should."""
        return self._ours(_running(partial(self._newest, namespace)))

    def before(self, namespace: str) -> HelmRevision | None:
        """What ran before the current revision, while Helm keeps it."""
        return self._ours(self._newest(namespace, status="superseded"))

    def last(self, namespace: str) -> HelmRevision | None:
        """The newest one, however it ended."""
        return self._ours(self._newest(namespace))

    def owner(self, namespace: str) -> str | None:
        """Whose release is there."""
        found = self._newest(namespace)
        return found.shop if found else None

    def history(self, namespace: str) -> list[HelmRevision]:
        """All that Helm kept, oldest first."""
        found = self._api.items(_secrets(namespace), label=_selector(namespace))
        revisions = (item for item in map(_decoded, found) if self._ours(item))
        return sorted(revisions, key=lambda item: item.number)

    def _ours(self, revision: HelmRevision | None) -> HelmRevision | None:
        return revision if revision and revision.shop == self._shop else None

    def _newest(self, namespace: str, **labels: str) -> HelmRevision | None:
        number = _number(self._api, namespace, namespace, **labels)
        if not number:
            return None
        # The content of one that is deployed does not change, its status will.
        name, keeps = f"{namespace}/{number}", labels.get("status") == "deployed"
        if keeps and name in self._known:
            return self._known[name]
        found = _revision(self._api, namespace, namespace, number)
        if keeps and found:
            self._known[name] = found
        return found


def newest(api: Api, namespace: str, release: str, **labels: str) -> HelmRevision | None:
    """The newest revision of any release, ours or not, that Helm keeps under these labels."""
    number = _number(api, namespace, release, **labels)
    return _revision(api, namespace, release, number) if number else None


def running(api: Api, namespace: str, release: str) -> HelmRevision | None:
    """The revision of any release that runs, or should."""
    return _running(partial(newest, api, namespace, release))


def _running(find: Callable[..., HelmRevision | None]) -> HelmRevision | None:
    """Helm calls what ran superseded a moment before it calls what runs deployed, and may be
    stopped in between; so may a way back that fails.
    """
    if found := find(status="deployed"):
        return found
    last = find()
    if last and last.status in ("pending-upgrade", "pending-rollback", "failed"):
        return find(status="superseded")
    return last if last and last.status == "deployed" else None


def deployed(namespace: str, revision: HelmRevision) -> Deployed:
    """The revision as commands know it."""
    return Deployed(
        namespace=namespace,
        version=_major(revision.chart_version),
        chart_version=revision.chart_version,
        revision=revision.number,
        at=revision.at,
        values=revision.values,
        images=_images(revision),
    )


def record(namespace: str, revision: HelmRevision) -> Record:
    """A line of the history."""
    return Record(
        namespace=namespace,
        version=_major(revision.chart_version),
        chart_version=revision.chart_version,
        revision=revision.number,
        at=revision.at,
        reason=revision.reason,
        change=revision.values.get("change", {}),
    )


def _images(revision: HelmRevision) -> dict[str, str]:
    """Each image, and the name of the content that it must have; `unknown` if it may have any."""
    found = {}
    for item in revision.objects:
        if item["kind"] == "Deployment":
            [container] = item["spec"]["template"]["spec"]["containers"]
            given = {each["name"]: each.get("value") for each in container["env"]}
            found[container["image"]] = given.get("IMAGE_CONTENT") or "unknown"
    return found


def _number(api: Api, namespace: str, release: str, **labels: str) -> int:
    """Of the newest revision; 0 without one."""
    found = api.names(_secrets(namespace), label=_selector(release, **labels))
    return max((int(item["labels"]["version"]) for item in found), default=0)


def _revision(api: Api, namespace: str, release: str, number: int) -> HelmRevision | None:
    found = api.get(f"{_secrets(namespace)}/sh.helm.release.v1.{release}.v{number}")
    return _decoded(found) if found else None


def _decoded(secret: Object) -> HelmRevision:
    # Kubernetes encodes what Helm has encoded.
    return HelmRevision(
        json.loads(gzip.decompress(b64decode(b64decode(secret["data"]["release"]))))
    )


def _secrets(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/secrets"


def _selector(release: str, **labels: str) -> str:
    given = {"owner": "helm", "name": release, **labels}
    return ",".join(f"{key}={value}" for key, value in given.items())


def _major(version: str) -> int:
    return int(version.partition(".")[0])
