"""The local target: this machine, no cluster, no containers, no root."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from release import web
from release.errors import ReleaseError, UsageError
from release.files import write
from release.release import Release
from release.report import Report
from release.settings import Settings
from release.targets.local import inspection, ownership, platform, routes
from release.targets.local.deployment import Deployment
from release.targets.local.processes import Processes
from release.targets.local.state import Platform, Revision, State
from release.targets.local.supervisor import Supervisor

TOOLS = ("helm", "traefik", "prometheus", "promtool", "alertmanager", "amtool")
_SLACK = "slack-webhook"


class LocalTarget:
    """Releases as processes of this machine, kept in one state folder."""

    def __init__(self, settings: Settings) -> None:
        self.state = State(settings.state)
        self.supervisor = Supervisor(settings.state / "supervisor")
        self._asked = settings.port, settings.internal_port

    @cached_property
    def ports(self) -> Platform:
        """The ports for a deployment; commands that do not deploy have no say in them."""
        # The manager answers at once; a look at every process takes longer the more there are.
        alive = self.supervisor.pid() or ownership.processes(self.supervisor.folder)
        return platform.choose(self.state, *self._asked, running=bool(alive))

    @property
    def cache(self) -> Path:
        """Where built charts may be kept."""
        return self.state.path("charts")

    def exists(self) -> bool:
        """Whether anything was ever deployed here. Raises for a folder that is something else."""
        self.state.check()
        return self.state.exists()

    def lock(self, doing: str) -> AbstractContextManager[None]:
        """Hold everything of this target while changing it."""
        return self.state.locked(doing)

    def check(self) -> None:
        """Whether a deployment could begin. Raises ReleaseError, and changes nothing."""
        self.state.check()
        platform.check_ports(self.ports, self.supervisor)

    def values(self, settings: Settings) -> dict[str, Any]:
        """What this target adds to the charts' values for the release that the settings name."""
        text = Path(__file__).with_name("values.yaml").read_text()
        values: dict[str, Any] = yaml.safe_load(text)
        values["global"] = {
            "domain": settings.domain,
            "port": self.ports.port,
            "bindAddress": "127.0.0.1",
            "serviceURL": f"{web.url(self.ports.internal_port)}{{namespace}}/{{service}}",
        }
        values["stock"]["database"] = {"url": f"sqlite:///{self.state.path('inventory.db')}"}
        if settings.slack_webhook_url or self._webhook(settings.namespace).exists():
            for component in (values, values["stock"]):
                component["prometheus-operated"]["slack"] = {"secretName": _SLACK}
        return values

    def apply(
        self, release: Release, tools: Mapping[str, Path], slack_webhook_url: str | None
    ) -> None:
        """Make the release run, beside whatever else does."""
        if slack_webhook_url:
            write(self._webhook(release.namespace), slack_webhook_url)
        Deployment(self.state, self.supervisor, self.ports, tools, release).run()

    def report(self) -> Report:
        """What runs, where, and what fires."""
        return inspection.report(self.state, self.supervisor)

    def internal_addresses(self, namespace: str, service: str) -> list[str]:
        """The base URL of the internal port of each process of a service."""
        return [
            web.url(instance.ports["metrics"], "")
            for instance in self._recorded(namespace).instances
            if instance.workload == service and instance.kind == "service"
        ]

    def logs(self, namespace: str | None, workload: str) -> list[Path]:
        """The log files of a workload of a release, or of the gateway."""
        if workload == platform.GATEWAY:
            return [self.state.path("logs", "gateway.log")]
        revision = self._recorded(namespace or "")
        names = sorted({instance.workload for instance in revision.instances})
        if workload not in names:
            known = ", ".join([*names, platform.GATEWAY])
            raise UsageError(f"SERVICE={workload}: give one of {known}")
        processes = Processes(self.state, self.supervisor, revision.namespace)
        return [processes.log(item) for item in revision.instances if item.workload == workload]

    def remove(self, namespace: str) -> None:
        """Routes first, then the processes, then the records; the platform goes with the last."""
        # What a deploy that was broken off left has no record.
        ours = [name for name in self.supervisor.names() if name.startswith(f"{namespace}.")]
        revision = self.state.current(namespace) if ours else self._recorded(namespace)
        ports = self.state.platform()
        if revision and ports:
            routes.remove(self.state.path("traefik"), ports, namespace)
            Processes(self.state, self.supervisor, namespace).end(revision.instances)
        self.supervisor.stop(ours)
        self.state.forget(namespace)
        if not self.state.releases():
            self.down()

    def down(self) -> None:
        """Stop everything of this state folder. The inventory stays."""
        self.supervisor.shutdown()
        self.state.forget_everything()

    def _webhook(self, namespace: str) -> Path:
        return self.state.path("secrets", namespace, _SLACK, "url")

    def _recorded(self, namespace: str) -> Revision:
        revision = self.state.current(namespace)
        if revision is None:
            known = ", ".join(item.namespace for item in self.state.releases()) or "nothing"
            raise ReleaseError(f"{namespace} is not deployed ({known} is): make deploy first")
        return revision
