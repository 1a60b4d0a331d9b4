"""Installs what releases share: the Prometheus Operator, Traefik, and the shop's inventory."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from release.charts import rendering
from release.clients import http
from release.console import note, step
from release.errors import NotReadyError, ReleaseError
from release.model.names import MADE_BY_US
from release.targets.kubernetes.client import lease
from release.targets.kubernetes.client.kubernetes_api import Api, Conflict
from release.targets.kubernetes.health import workloads
from release.targets.kubernetes.health.diagnostics import FailureDetector
from release.targets.kubernetes.helm import helm_history, recovery
from release.targets.kubernetes.helm.helm_cli import Helm, is_timeout
from release.targets.kubernetes.helm.helm_history import HelmRevision
from release.targets.kubernetes.namespaces import PASSWORD, Namespaces

_HTTP = 30080
"""The port of kind's node that kind.yaml maps to this machine."""
_NAME = PASSWORD
_WORKLOAD = {"kind": "StatefulSet", "metadata": {"name": _NAME}}
_CONFIRMATION_LIMIT, _RESTORE_LIMIT = 30.0, 180.0
"""Seconds until what Helm calls ready is, and until a server has stopped and started again."""


@dataclass(frozen=True)
class Prerequisite:
    """A chart of somebody else's. It is there if the cluster knows the API group it `provides`."""

    name: str
    namespace: str
    repository: str
    chart: str
    version: str
    provides: str
    values: Mapping[str, Any]

    def is_there(self, api: Api) -> bool:
        """True if the cluster has it, whoever installed it.

        The kinds come first in an installation: if it is ours and failed, they prove nothing.
        """
        if api.get(f"/apis/{self.provides}") is None:
            return False
        return not recovery.is_never_deployed(api, self.namespace, self.name)

    def install(self, helm: Helm) -> None:
        """Install the pinned version from its repository."""
        source = (self.chart, "--repo", self.repository, "--version", self.version)
        helm.install(self.name, self.namespace, source, self.values)


def prerequisites(context: str) -> list[Prerequisite]:
    """Return those of prerequisites.yaml, as the cluster of a context needs them."""
    listed = yaml.safe_load(Path(__file__).with_name("prerequisites.yaml").read_text())
    pinned = [Prerequisite(**item) for item in listed]
    if not context.startswith("kind-"):
        return pinned
    # A node of kind has no load balancer: its Traefik takes a port of the node instead.
    # Helm would wait for its Service to get an address in vain.
    port = {"ports": {"web": {"hostPort": _HTTP}}, "service": {"spec": {"type": "ClusterIP"}}}
    values = {"traefik": port}
    return [
        replace(item, values=rendering.merge_values(item.values, values.get(item.name, {})))
        for item in pinned
    ]


@dataclass(frozen=True)
class PostgresqlRelease:
    """A shop's own PostgreSQL, as a Helm release. The caller holds the shop's lock."""

    api: Api
    helm: Helm
    namespace: str

    @property
    def values(self) -> dict[str, Any]:
        """The values that it was installed with; empty if it was not."""
        release = (self.api, self.namespace, _NAME)
        revision = helm_history.running(*release) or helm_history.newest(*release)
        return revision.values if revision else {}

    def apply(self, chart: Path, values: Mapping[str, Any]) -> None:
        """Install it, or bring it up to date.

        Raises NotReadyError with the reason, after restoring what ran before.
        """
        recovery.recover(self.api, self.helm, self.namespace, _NAME)
        before = helm_history.running(self.api, self.namespace, _NAME)
        is_new = helm_history.newest(self.api, self.namespace, _NAME) is None
        detector = FailureDetector(self.api, self.namespace, self.api.clock())
        try:
            with step(f"installing PostgreSQL into {self.namespace}"):
                self._upgrade(detector, chart, values)
        except ReleaseError as error:
            # Read now: its pods go when it is rolled back. Helm knows why something was refused,
            # but not why time was up: then an earlier problem may be the reason.
            problem, log = detector.explain(error, earlier=is_timeout(error))
            rest = self._restore(before, is_new=is_new)
            message = f"the inventory did not become ready: {problem}; {rest}"
            raise NotReadyError(message, log) from error
        except BaseException:
            self._restore(before, is_new=is_new)
            raise

    def _upgrade(self, detector: FailureDetector, chart: Path, values: Mapping[str, Any]) -> None:
        def is_hopeless() -> bool:
            # A StatefulSet waits for ever for the pod that the new one is to replace.
            recovery.delete_stuck_pods(self.api, self.namespace)
            return detector.lasting() is not None

        self.helm.install(_NAME, self.namespace, (chart,), values, stop=is_hopeless)
        if not http.wait_until(self._is_ready, limit=_CONFIRMATION_LIMIT, pause=1):
            raise ReleaseError(self._not_ready_reason)

    def _restore(self, before: HelmRevision | None, *, is_new: bool) -> str:
        """Make what ran before run again, and return the outcome in words."""
        if before is None:
            return self._remove() if is_new else "it is left as it is"  # and may serve by now
        # Helm's own rollback would wait for a pod that its StatefulSet does not replace.
        detector = FailureDetector(self.api, self.namespace, self.api.clock())
        with step(f"rolling back to revision {before.number}"):
            self.helm.rollback(self.namespace, before.number, _NAME)
            if detector.wait_until_ready(self._is_ready, _RESTORE_LIMIT):
                return f"revision {before.number} keeps running"
            why = detector.likeliest() or self._not_ready_reason
            return f"revision {before.number} is restored, but not ready: {why}"

    def _remove(self) -> str:
        path = f"/api/v1/namespaces/{self.namespace}/persistentvolumeclaims/data-{_NAME}-0"
        with step("removing PostgreSQL"):
            self.helm.uninstall(self.namespace, _NAME)
            claim = self.api.get(path)
            # Without a volume it goes as well: the next attempt may name another storage class.
            if claim and claim["status"].get("phase") == "Pending":
                version = claim["metadata"]["resourceVersion"]
                with suppress(Conflict):
                    self.api.delete(path, {"preconditions": {"resourceVersion": version}})
        return "it was removed again"

    def _is_ready(self) -> bool:
        recovery.delete_stuck_pods(self.api, self.namespace)
        return not self._not_ready_reason

    @property
    def _not_ready_reason(self) -> str:
        return "; ".join(workloads.list_unready(self.api, self.namespace, [_WORKLOAD]))


def install(
    namespaces: Namespaces, helm: Helm, cache: Path, program: Path, overlays: Sequence[Path]
) -> None:
    """Install what is missing, and bring the inventory up to date. Raises ReleaseError."""
    api, names = namespaces.api, namespaces.names
    for item in prerequisites(api.context):
        if item.is_there(api):
            note(f"{item.name}: the cluster knows {item.provides} already, and it stays as it is")
            continue
        with (
            # Every shop's command may install it, and the caller holds the lock of one shop.
            lease.hold(api, "default", item.name, "make platform"),
            step(f"installing {item.name} {item.version} into {item.namespace}"),
        ):
            recovery.recover(api, helm, item.namespace, item.name, **MADE_BY_US)
            item.install(helm)
    namespaces.ensure(names.shared)
    if not namespaces.has_inventory():
        namespaces.write_secret(names.shared, PASSWORD, "password", secrets.token_urlsafe(32))
    inventory = PostgresqlRelease(api, helm, names.shared)
    chart = rendering.build_charts(program, cache) / "postgresql"
    of_shop = {} if names.is_default else {"global": {"shop": names.shop}}
    # Values once chosen stay: a later run may add to them, or name none.
    values = rendering.merge_values(
        inventory.values, of_shop, *map(rendering.read_values, overlays)
    )
    # Let the chart refuse values before anything changes.
    rendering.render_chart(program, chart, names.shared, values)
    inventory.apply(chart, values)
