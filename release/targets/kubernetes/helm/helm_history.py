"""Reads what Helm recorded of each release: its values, its objects, when, and how it ended.

Helm keeps a Secret for each revision. `helm get` and `helm history` are too slow for a shift, which
looks twice a second, and for a history of a hundred revisions.
"""

import gzip
import json
from base64 import b64decode
from collections.abc import Callable, MutableMapping
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
"""The charts that our releases are installed from."""
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
    def reason(self) -> str:
        """Why a gate was overridden; empty if none was."""
        description = str(self.content["info"].get("description", ""))
        return description.removeprefix(FORCED) if description.startswith(FORCED) else ""

    @property
    def values(self) -> dict[str, Any]:
        return self.content.get("config") or {}

    @property
    def shop(self) -> str:
        return str((self.values.get("global") or {}).get("shop", DEFAULT))

    @property
    def chart(self) -> str:
        return str(self.content["chart"]["metadata"]["name"])

    @property
    def summary(self) -> tuple[int, str, int, float]:
        """The version of the shop, the version of the chart, the number and the time."""
        chart_version = str(self.content["chart"]["metadata"]["version"])
        at = datetime.fromisoformat(self.content["info"]["last_deployed"]).timestamp()
        return int(chart_version.partition(".")[0]), chart_version, self.number, at

    @cached_property
    def objects(self) -> list[Object]:
        """The objects of the release, hooks not included."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        documents = yaml.load_all(self.content["manifest"], Loader=loader)
        return [document for document in documents if document]

    @property
    def has_jobs(self) -> bool:
        """True if any of its hooks is a Job, as migrations are."""
        return any(hook["kind"] == "Job" for hook in self.content.get("hooks") or ())


class HelmHistory:
    """Reads the revisions of one shop's releases, as if there were no others.

    A release has the name of its namespace.
    """

    def __init__(self, api: Api, shop: str) -> None:
        self._api = api
        self._shop = shop
        self._cache: dict[str, HelmRevision] = {}

    def current(self, namespace: str) -> HelmRevision | None:
        """Return the revision that runs, or should."""
        return self._ours(_running(partial(self._newest, namespace)))

    def before(self, namespace: str) -> HelmRevision | None:
        """Return the revision that ran before the current one, if Helm still keeps it."""
        return self._ours(self._newest(namespace, status="superseded"))

    def last(self, namespace: str) -> HelmRevision | None:
        """Return the newest revision, however it ended."""
        return self._ours(self._newest(namespace))

    def owner(self, namespace: str) -> str | None:
        """Return the shop that the release of a namespace belongs to."""
        revision = self._newest(namespace)
        return revision.shop if revision else None

    def history(self, namespace: str) -> list[HelmRevision]:
        """Return all revisions that Helm keeps, oldest first."""
        secrets = self._api.items(_secrets(namespace), label=_selector(namespace))
        revisions = (revision for revision in map(_decode, secrets) if self._ours(revision))
        return sorted(revisions, key=lambda revision: revision.number)

    def _ours(self, revision: HelmRevision | None) -> HelmRevision | None:
        return revision if revision and revision.shop == self._shop else None

    def _newest(self, namespace: str, **labels: str) -> HelmRevision | None:
        # The content of a deployed revision does not change, but its status does.
        cache = self._cache if labels.get("status") == "deployed" else {}
        return newest(self._api, namespace, namespace, cache, **labels)


def newest(
    api: Api,
    namespace: str,
    release: str,
    cache: MutableMapping[str, HelmRevision] | None = None,
    /,
    **labels: str,
) -> HelmRevision | None:
    """Return the newest revision of any release, ours or not, that has these labels."""
    secrets = api.names(_secrets(namespace), label=_selector(release, **labels))
    number = max((int(item["labels"]["version"]) for item in secrets), default=0)
    path = f"{_secrets(namespace)}/sh.helm.release.v1.{release}.v{number}"
    cache = {} if cache is None else cache
    if number and path not in cache and (secret := api.get(path)):
        cache[path] = _decode(secret)
    return cache.get(path)


def running(api: Api, namespace: str, release: str) -> HelmRevision | None:
    """Return the revision of any release that runs, or should."""
    return _running(partial(newest, api, namespace, release))


def _running(find: Callable[..., HelmRevision | None]) -> HelmRevision | None:
    # Helm calls what ran superseded a moment before it calls what runs deployed, and may be
    # stopped in between; so may a rollback that fails.
    if current := find(status="deployed"):
        return current
    last = find()
    if last and last.status in ("pending-upgrade", "pending-rollback", "failed"):
        return find(status="superseded")
    return last if last and last.status == "deployed" else None


def deployed(namespace: str, revision: HelmRevision) -> Deployed:
    """Return the revision as commands know it."""
    return Deployed(namespace, *revision.summary, revision.values, _images(revision))


def record(namespace: str, revision: HelmRevision) -> Record:
    """Return the line of the history about a revision."""
    change = revision.values.get("change", {})
    return Record(namespace, *revision.summary, revision.reason, change)


def _images(revision: HelmRevision) -> dict[str, str]:
    """Return each image with the name of the content that it must have, `unknown` without one."""
    images = {}
    for item in revision.objects:
        if item["kind"] == "Deployment":
            [container] = item["spec"]["template"]["spec"]["containers"]
            variables = {each["name"]: each.get("value") for each in container["env"]}
            images[container["image"]] = variables.get("IMAGE_CONTENT") or "unknown"
    return images


def _decode(secret: Object) -> HelmRevision:
    # Kubernetes encodes what Helm has encoded.
    return HelmRevision(
        json.loads(gzip.decompress(b64decode(b64decode(secret["data"]["release"]))))
    )


def _secrets(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/secrets"


def _selector(release: str, **labels: str) -> str:
    required = {"owner": "helm", "name": release, **labels}
    return ",".join(f"{key}={value}" for key, value in required.items())
