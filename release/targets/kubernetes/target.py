"""The Kubernetes target: a cluster that is named by its context, never just the current one."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from release import paths
from release.clients.prometheus import Prometheus
from release.console import step
from release.errors import ReleaseError, UsageError
from release.model.names import DEFAULT, Names
from release.model.objects import Object
from release.model.release import Deployed, Record, Release
from release.model.status import TargetStatus
from release.targets.kubernetes import route_propagation, status
from release.targets.kubernetes.client import lease, pods
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.helm import helm_history
from release.targets.kubernetes.helm.helm_cli import Helm, environment
from release.targets.kubernetes.helm.helm_history import HelmHistory, HelmRevision
from release.targets.kubernetes.helm.rollout import Rollout, restore_revision
from release.targets.kubernetes.namespaces import DATABASE, SLACK, Namespaces
from release.targets.kubernetes.traefik import Traefik
from release.targets.kubernetes.values import Values
from release.toolchain import tools as programs
from release.toolchain.subprocesses import run

_KEPT, _ENTRYPOINT_KEPT = 10, 100
"""Revisions that Helm keeps. The entry point's are the history of the traffic."""
_PREREQUISITES = {
    "monitoring.coreos.com/v1": "the Prometheus Operator",
    "traefik.io/v1alpha1": "Traefik",
}


class KubernetesTarget:
    """Releases as Helm releases of one cluster."""

    rollout_timeout = 30

    def __init__(
        self,
        context: str,
        names: Names,
        *,
        traefik_namespace: str,
        gateway: str | None,
        registry: str,
    ) -> None:
        """`gateway` is the address of Traefik, if it is known; images come from `registry`."""
        self.names = names
        self._context = context
        self._traefik_namespace = traefik_namespace
        self._gateway = gateway
        self._registry = registry
        self._held = False

    @cached_property
    def tools(self) -> Mapping[str, Path]:
        return programs.ensure(["helm"])

    @cached_property
    def api(self) -> Api:
        context = self._context
        kubectl = programs.ensure(["kubectl"])["kubectl"]
        listed = run([kubectl, "config", "get-contexts", "-o", "name"], env=environment()).split()
        if context not in listed:
            has = ", ".join(listed) or "none"
            raise UsageError(f"CONTEXT={context} is not in the kubeconfig, which has: {has}")
        return Api(kubectl, context, environment())

    @cached_property
    def _revisions(self) -> HelmHistory:
        return HelmHistory(self.api, self.names.shop)

    @cached_property
    def namespaces(self) -> Namespaces:
        return Namespaces(self.api, self.names)

    @cached_property
    def traefik(self) -> Traefik:
        return Traefik(self.api, self._traefik_namespace)

    @property
    def cache(self) -> Path:
        # Each shop has its own: only commands of one shop wait for each other.
        context = self.api.context.replace("/", "_")
        return paths.tools_folder() / "charts" / context / self.names.shop

    def exists(self) -> bool:
        return bool(self._releases or self._release_namespaces)

    def check(self) -> None:
        for group, name in _PREREQUISITES.items():
            if self.api.get(f"/apis/{group}") is None:
                raise ReleaseError(
                    f"the cluster of CONTEXT={self.api.context} does not know {group}: "
                    f"{name} is missing: make platform"
                )

    @contextmanager
    def lock(self, doing: str, wait: float = 0) -> Iterator[None]:
        if self._held:
            yield
            return
        shared = self.names.shared
        is_new = self.namespaces.ensure(shared)
        with lease.hold(self.api, shared, "changing", doing, wait):
            self._held = True
            try:
                yield
            except BaseException:
                # The first command of a shop failed: its name may be mistyped.
                with suppress(ReleaseError):
                    if is_new and not self.exists() and not self.namespaces.has_inventory():
                        self.namespaces.remove(shared)
                raise
            finally:
                self._held = False

    def shift_lock(self, doing: str) -> AbstractContextManager[None]:
        return lease.hold(self.api, self.names.shared, "shifting", doing)

    def values(self, namespace: str, version: int, domain: str, *, slack: bool) -> dict[str, Any]:
        # A namespace that is being removed takes its Secrets along.
        self.namespaces.check(namespace)
        has_slack = bool(self.namespaces.read_secret(namespace, SLACK))
        return self._values.of_version(version, domain, slack=slack or has_slack)

    def entrypoint_values(self, domain: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
        return self._values.of_entrypoint(domain, recorded)

    @property
    def _values(self) -> Values:
        return Values(self.names, self.traefik, self._address, self._registry)

    def apply(
        self,
        release: Release,
        *,
        slack_webhook_url: str | None = None,
        keeps_code: bool = False,
    ) -> None:
        self._check_owner(release)
        self.namespaces.check(release.namespace)
        is_version = release.namespace != self.names.entrypoint
        database = self.namespaces.missing_database(release.namespace) if is_version else None
        self.namespaces.ensure(release.namespace)
        if database:
            self.namespaces.write_secret(release.namespace, DATABASE, "url", database)
        if slack_webhook_url:
            self.namespaces.write_secret(release.namespace, SLACK, "url", slack_webhook_url)
        # `keeps_code` changes nothing here: the content is one of the values.
        self._rollout(release).run()

    def undo(self, namespace: str) -> int:
        running, before = self._recorded(namespace), self._revisions.before(namespace)
        if before is None:
            return 0
        helm = Helm(self.tools["helm"], self.api.context)
        with step(f"rolling back to revision {before.number}"):
            restore_revision(self.api, helm, namespace, running.number, before.number)
        return before.number

    def update_routes(self, release: Release) -> None:
        self._check_owner(release)
        self._rollout(release).update_routes()

    def _rollout(self, release: Release) -> Rollout:
        helm = Helm(self.tools["helm"], self.api.context)
        keep = _ENTRYPOINT_KEPT if release.namespace == self.names.entrypoint else _KEPT
        return Rollout(self.api, helm, self._revisions, self.traefik, release, keep)

    def _check_owner(self, release: Release) -> None:
        """Raise UsageError if this would create or replace a release of another shop."""
        shop = release.values.get("global", {}).get("shop", DEFAULT)
        if shop != self.names.shop:
            raise UsageError(f"VALUES: global.shop={shop} is for SHOP to say")
        owner = self._revisions.owner(release.namespace) or self.names.shop
        self.namespaces.check_owner(release.namespace, owner)

    def current(self, namespace: str) -> Deployed | None:
        revision = self._revisions.current(namespace)
        return helm_history.deployed(namespace, revision) if revision else None

    def deployed(self) -> list[Deployed]:
        return [deployed for name in self._releases if (deployed := self.current(name))]

    def history(self, namespace: str) -> list[Record]:
        revisions = self._revisions.history(namespace)
        return [helm_history.record(namespace, revision) for revision in revisions]

    def report(self) -> TargetStatus:
        return status.report(self.api, self._revisions, self._releases, self._address or "")

    def traefik_service_name(self, namespace: str, service: str, port: str) -> str:
        return f"{namespace}-{service}-{port}@kubernetescrd"

    def prometheus(self, namespace: str, component: str) -> Prometheus:
        self._recorded(namespace)
        service = f"prometheus-{component}"
        base = self.api.proxied(namespace, f"services/{service}:web")
        return Prometheus(base, name=f"{service} of {namespace}")

    def gateway(self) -> str:
        if address := self._address:
            return address
        raise ReleaseError(
            "where Traefik is reached is not known: give it with GATEWAY=http://host:port"
        )

    @property
    def _address(self) -> str | None:
        return self._gateway or self.traefik.address()

    def internal_addresses(self, namespace: str, service: str) -> list[str]:
        return pods.internal_addresses(self.api, self._pods(namespace, service))

    def logs(self, namespace: str | None, workload: str, lines: int) -> list[tuple[str, str]]:
        chosen = self._pods(namespace, workload) if namespace else self.traefik.pods
        return pods.read_logs(self.api, chosen, lines)

    def _pods(self, namespace: str, workload: str) -> list[Object]:
        self._recorded(namespace)
        return pods.list_pods(self.api, namespace, workload)

    def remove(self, namespace: str) -> None:
        # Remove it even if its last revision failed or is not finished.
        last = self._revisions.last(namespace) or self._recorded(namespace)
        Helm(self.tools["helm"], self.api.context).uninstall(namespace)
        self.namespaces.remove(namespace)
        route_propagation.await_gone(self.traefik, last.objects)

    def down(self) -> None:
        for namespace in sorted(self._releases, key=lambda name: name != self.names.entrypoint):
            self.remove(namespace)
        for namespace in self._release_namespaces:
            # A first deploy that failed leaves one without a release.
            self.namespaces.remove(namespace)
        shutil.rmtree(self.cache, ignore_errors=True)

    @property
    def _release_namespaces(self) -> list[str]:
        """The namespaces that were created for releases."""
        return [name for name in self.namespaces.list_created() if name != self.names.shared]

    @property
    def _releases(self) -> list[str]:
        """The namespaces in which a release of ours is recorded."""
        usual = map(self.names.version, paths.known_versions())
        candidates = {*self._release_namespaces, *usual, self.names.entrypoint}
        return sorted(
            name
            for name in candidates
            if (last := self._revisions.last(name)) and last.chart in helm_history.CHARTS
        )

    def _recorded(self, namespace: str) -> HelmRevision:
        revision = self._revisions.current(namespace)
        if revision is None:
            others = ", ".join(self._releases) or "nothing"
            raise ReleaseError(f"{namespace} is not deployed ({others} is): make deploy first")
        return revision
