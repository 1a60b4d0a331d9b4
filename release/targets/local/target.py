"""The local target: this machine, no cluster, no containers, no root."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any

from release.charts.rendering import read_values
from release.clients import http
from release.clients.prometheus import Prometheus
from release.errors import ReleaseError, UsageError
from release.files import write
from release.model import services
from release.model.names import Names
from release.model.release import Deployed, Record, Release
from release.model.status import TargetStatus
from release.targets.local import status, traefik
from release.targets.local.deployment import Deployment
from release.targets.local.plan.traefik_config import qualified_name
from release.targets.local.runtime.processes import Processes, tail
from release.targets.local.runtime.supervisor import Supervisor
from release.targets.local.state.revisions import GatewayPorts, LocalRevision
from release.targets.local.state.state_folder import StateFolder
from release.toolchain import tools as programs

_SLACK = "slack-webhook"
_TOOLS = ("helm", "traefik", "prometheus", "promtool", "alertmanager", "amtool")
_FOLDER = Path(__file__).parent


class LocalTarget:
    """Releases as processes of this machine, recorded in one state folder."""

    rollout_timeout = 5
    names = Names()

    def __init__(self, folder: Path, port: int | None) -> None:
        """Record everything in `folder`. Without a port, the first deploy chooses one."""
        self.state = StateFolder(folder)
        self.supervisor = Supervisor(folder / "supervisor")
        self._port = port

    @cached_property
    def tools(self) -> Mapping[str, Path]:
        return programs.ensure(_TOOLS)

    @cached_property
    def ports(self) -> GatewayPorts:
        """The ports for a deployment; other commands use the recorded ones."""
        is_running = self.supervisor.has_processes()
        return traefik.choose_ports(self.state, self._port, is_running=is_running)

    @property
    def cache(self) -> Path:
        return self.state.path("charts")

    def exists(self) -> bool:
        self.state.check()
        return self.state.exists()

    def lock(self, doing: str, wait: float = 0) -> AbstractContextManager[None]:
        return self.state.lock(doing, wait)

    def shift_lock(self, doing: str) -> AbstractContextManager[None]:
        return self.state.shift_lock(doing)

    def check(self) -> None:
        self.state.check()
        traefik.check_ports(self.ports, self.supervisor)

    def values(self, namespace: str, version: int, domain: str, *, slack: bool) -> dict[str, Any]:
        components = {name: read_values(_FOLDER / "values.yaml") for name in services.NAMES}
        for service in services.SERVICES:
            if service.database:
                file = self.state.path(f"{service.database}.db")
                components[service.name]["database"] = {"url": f"sqlite:///{file}"}
        if slack or self._webhook(namespace).exists():
            for component in components.values():
                component["prometheus-operated"]["slack"] = {"secretName": _SLACK}
        return {"global": self._global(domain), **services.release_values(components)}

    def entrypoint_values(self, domain: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
        return {"global": self._global(domain), **read_values(_FOLDER / "entrypoint.yaml")}

    def _global(self, domain: str) -> dict[str, Any]:
        return {
            "domain": domain,
            "port": self.ports.port,
            "bindAddress": "127.0.0.1",
            "serviceURL": f"{http.url(self.ports.internal_port)}{{namespace}}/{{service}}",
        }

    def apply(
        self,
        release: Release,
        *,
        slack_webhook_url: str | None = None,
        keeps_code: bool = False,
    ) -> None:
        if slack_webhook_url:
            write(self._webhook(release.namespace), slack_webhook_url)
        before = self.state.current(release.namespace) if keeps_code else None
        self._deployment(release, before.images if before else {}).run()

    def undo(self, namespace: str) -> int:
        before = self.state.previous(self._recorded(namespace))
        if before is None:
            return 0
        # The charts of then are gone; this target needs the rendered objects only.
        release = Release(
            namespace=namespace,
            version=before.version,
            chart=self.cache,
            chart_version=before.chart_version,
            values=before.values,
            objects=before.objects,
            reason=before.reason,
        )
        self._deployment(release, before.images).run()
        return before.revision

    def update_routes(self, release: Release) -> None:
        self._deployment(release, {}).update_routes()

    def _deployment(self, release: Release, images: Mapping[str, str]) -> Deployment:
        return Deployment(self.state, self.supervisor, self.ports, self.tools, release, images)

    def current(self, namespace: str) -> Deployed | None:
        return self.state.current(namespace)

    def deployed(self) -> list[Deployed]:
        return [*self.state.releases()]

    def history(self, namespace: str) -> list[Record]:
        return self.state.history(namespace)

    def traefik_service_name(self, namespace: str, service: str, port: str) -> str:
        return f"{qualified_name(namespace, service, port)}@file"

    def prometheus(self, namespace: str, component: str) -> Prometheus:
        revision = self._recorded(namespace)
        prefix = f"prometheus.{component}."
        host = next((host for host in revision.urls if host.startswith(prefix)), None)
        if host is None:
            raise ReleaseError(f"{namespace} has no Prometheus for {component}")
        return Prometheus(self.gateway(), host)

    def report(self) -> TargetStatus:
        return status.report(self.state, self.supervisor)

    def internal_addresses(self, namespace: str, service: str) -> list[str]:
        return [
            http.url(instance.ports["metrics"], "")
            for instance in self._recorded(namespace).instances
            if instance.workload == service and instance.kind == "service"
        ]

    def gateway(self) -> str:
        ports = self.state.gateway_ports()
        if ports is None:
            raise ReleaseError("nothing is deployed: make deploy first")
        return http.url(ports.port, "")

    def logs(self, namespace: str | None, workload: str, lines: int) -> list[tuple[str, str]]:
        if workload == traefik.GATEWAY:
            path = self.state.path("logs", "gateway.log")
            return [(path.name, tail(path, lines))]
        revision = self._recorded(namespace or "")
        names = sorted({instance.workload for instance in revision.instances})
        if workload not in names:
            known = ", ".join([*names, traefik.GATEWAY])
            raise UsageError(f"SERVICE={workload}: give one of {known}")
        found = [item.id for item in revision.instances if item.workload == workload]
        paths = [self.state.log_file(revision.namespace, name) for name in found]
        return [(path.name, tail(path, lines)) for path in paths]

    def remove(self, namespace: str) -> None:
        # Processes of an interrupted deploy have no record.
        ours = [name for name in self.supervisor.names() if name.startswith(f"{namespace}.")]
        revision = self.state.current(namespace) if ours else self._recorded(namespace)
        ports = self.state.gateway_ports()
        if revision and ports:
            traefik.remove_routes(self.state, ports, namespace)
            Processes(self.state, self.supervisor, namespace).end(revision.instances)
        self.supervisor.stop(ours)
        self.state.remove_release(namespace)
        if all(left.namespace == self.names.entrypoint for left in self.state.releases()):
            self.down()

    def down(self) -> None:
        self.supervisor.shutdown()
        self.state.remove_all_releases()

    def _webhook(self, namespace: str) -> Path:
        return self.state.path("secrets", namespace, _SLACK, "url")

    def _recorded(self, namespace: str) -> LocalRevision:
        revision = self.state.current(namespace)
        if revision is None:
            known = ", ".join(item.namespace for item in self.state.releases()) or "nothing"
            raise ReleaseError(f"{namespace} is not deployed ({known} is): make deploy first")
        return revision
