"""The local target: this machine, no cluster, no containers, no root. The steps of a deployment, in
order.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from release import web
from release.console import note, step
from release.errors import ReleaseError, UsageError
from release.files import write
from release.release import Release
from release.report import Report
from release.settings import Settings
from release.targets.local import code, inspection, placement, platform, routes
from release.targets.local.model import Plan
from release.targets.local.observers import Observers
from release.targets.local.plan import plan, selects
from release.targets.local.ports import Ports
from release.targets.local.processes import Processes
from release.targets.local.state import Instance, Revision, State
from release.targets.local.supervisor import Supervisor

TOOLS = ("helm", "traefik", "prometheus", "alertmanager")
_SLACK = "slack-webhook"


class LocalTarget:
    """Releases as processes of this machine, kept in one state folder."""

    def __init__(self, settings: Settings, tools: Mapping[str, Path]) -> None:
        self.tools = tools
        self.state = State(settings.state)
        self.supervisor = Supervisor(settings.state / "supervisor")
        self.ports = platform.choose(self.state, settings.port, settings.internal_port)

    def values(self, settings: Settings) -> dict[str, Any]:
        """What this target adds to the charts' values for the release that the settings name."""
        values: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("values.yaml").read_text())
        values["global"] = {
            "domain": settings.domain,
            "port": self.ports.port,
            "bindAddress": "127.0.0.1",
            "serviceURL": f"http://127.0.0.1:{self.ports.internal_port}/{{namespace}}/{{service}}",
        }
        values["stock"]["database"] = {"url": f"sqlite:///{self.state.path('inventory.db')}"}
        secret = self.state.path("secrets", settings.namespace, _SLACK, "url")
        if settings.slack_webhook_url or secret.exists():
            values["prometheus-operated"]["slack"] = {"secretName": _SLACK}
            values["stock"]["prometheus-operated"] = values["prometheus-operated"]
        return values

    def apply(self, release: Release, slack_webhook_url: str | None = None) -> Revision:
        """Make the release run, beside whatever else does; nothing that serves stops before its
        successor is ready.

        Raises NotReadyError after restoring what ran before.
        """
        wanted = plan(release.objects, release.namespace)
        images = {
            reference: code.image(reference, self.state.path("images"))
            for reference in wanted.images
        }
        if slack_webhook_url:
            write(self.state.path("secrets", release.namespace, _SLACK, "url"), slack_webhook_url)
        platform.ensure(self.state, self.supervisor, self.ports, self.tools)
        self._sweep()
        before = self.state.current(release.namespace)
        number = self.state.next_number(release.namespace)
        digests = {reference: image.digest for reference, image in images.items()}
        instances = placement.place(
            wanted, before, number, digests, Ports(self._taken(), self.state.root)
        )
        revision = Revision(
            namespace=release.namespace,
            version=release.version,
            chart_version=release.chart_version,
            number=number,
            deployed_at=time.time(),
            values=dict(release.values),
            objects=list(release.objects),
            instances=instances,
            urls={host.host: f"http://{host.host}:{self.ports.port}/" for host in wanted.hosts},
            images={reference: image.code.name for reference, image in images.items()},
            reason=release.reason,
        )
        processes = Processes(self.state, self.supervisor, release.namespace)
        observers = Observers(self.state, self.supervisor, processes, self.tools)
        try:
            self._bring_up(wanted, revision, processes, observers, images)
        except BaseException:
            self._restore(release.namespace, before, processes, observers)
            raise
        with step("switching the routes"):
            self.state.save(revision)
            routes.switch(
                self.state.path("traefik"), self.ports, wanted, servers(wanted, instances)
            )
            observers.watch(wanted, instances)
        self._leave(before, instances, processes)
        code.prune(self.state.path("images"), self._images_in_use())
        return revision

    def _bring_up(
        self,
        wanted: Plan,
        revision: Revision,
        processes: Processes,
        observers: Observers,
        images: Mapping[str, code.Image],
    ) -> None:
        for job in wanted.jobs:
            with step(f"running {job.name}"):
                processes.run_job(job, images[job.image])
        with step(f"starting {revision.namespace}"):
            running = self.supervisor.running()
            workloads = {workload.name: workload for workload in wanted.workloads}
            for instance in revision.instances:
                if instance.kind == "service" and instance.id not in running:
                    workload = workloads[instance.workload]
                    processes.start_service(instance, workload, images[workload.image])
            observers.bring_up(wanted, revision.instances)
            limits = {workload.name: workload.ready_limit for workload in wanted.workloads}
            processes.wait_until_ready(revision.instances, limits)

    def _restore(
        self, namespace: str, before: Revision | None, processes: Processes, observers: Observers
    ) -> None:
        """Back to what ran before: the new processes go, the old ones were never touched."""
        kept = before.instances if before else []
        leaving = [name for name in self.supervisor.running() if name.startswith(f"{namespace}.")]
        self.supervisor.stop(set(leaving) - {instance.id for instance in kept})
        if before:
            note(f"rolled back to revision {before.number} of {namespace}")
            observers.bring_up(plan(before.objects, namespace), kept)
        elif not self.state.releases():
            self.supervisor.shutdown()
            self.state.forget_platform()

    def _leave(
        self, before: Revision | None, instances: list[Instance], processes: Processes
    ) -> None:
        """What nobody is routed to any more may finish and go."""
        staying = {instance.id for instance in instances}
        leaving = [item for item in (before.instances if before else ()) if item.id not in staying]
        if leaving:
            with step(f"draining {', '.join(item.id for item in leaving)}"):
                processes.end(leaving)

    def _sweep(self) -> None:
        """Clear what an interrupted command left: recorded routes first, then processes that no
        record names.
        """
        revisions = self.state.releases()
        known = {instance.id for revision in revisions for instance in revision.instances} | {
            platform.GATEWAY
        }
        strangers = set(self.supervisor.running()) - known
        if strangers:
            for revision in revisions:
                wanted = plan(revision.objects, revision.namespace)
                routes.switch(
                    self.state.path("traefik"),
                    self.ports,
                    wanted,
                    servers(wanted, revision.instances),
                )
            self.supervisor.stop(strangers)

    def _taken(self) -> set[int]:
        used = {
            port
            for item in self.state.releases()
            for one in item.instances
            for port in one.ports.values()
        }
        return used | {self.ports.port, self.ports.internal_port, self.ports.api_port}

    def _images_in_use(self) -> set[str]:
        return {name for revision in self.state.revisions() for name in revision.images.values()}

    def remove(self, namespace: str) -> None:
        """Routes first, then the processes, then the records; the platform goes with the last
        release.
        """
        revision = self.state.current(namespace)
        if revision:
            routes.remove(self.state.path("traefik"), self.ports, namespace)
            Processes(self.state, self.supervisor, namespace).end(revision.instances)
            self.state.forget(namespace)
        if not self.state.releases():
            self.down()

    def report(self) -> Report:
        """What runs, where, and what fires."""
        return inspection.report(self.state, self.supervisor)

    def internal_addresses(self, namespace: str, service: str) -> list[str]:
        """The base URL of the internal port of each process of a service."""
        revision = self._recorded(namespace)
        return [
            web.url(instance.ports["metrics"], "")
            for instance in revision.instances
            if instance.workload == service and instance.kind == "service"
        ]

    def logs(self, namespace: str | None, workload: str) -> list[Path]:
        """The log files of a workload of a release, or of the gateway."""
        if workload == platform.GATEWAY:
            return [self.state.path("logs", "gateway.log")]
        revision = self._recorded(namespace or "")
        names = sorted({instance.workload for instance in revision.instances})
        if workload not in names:
            raise UsageError(
                f"SERVICE={workload}: give one of {', '.join([*names, platform.GATEWAY])}"
            )
        processes = Processes(self.state, self.supervisor, revision.namespace)
        return [processes.log(item) for item in revision.instances if item.workload == workload]

    def _recorded(self, namespace: str) -> Revision:
        revision = self.state.current(namespace)
        if revision is None:
            known = ", ".join(item.namespace for item in self.state.releases()) or "nothing"
            raise ReleaseError(f"{namespace} is not deployed ({known} is): make deploy first")
        return revision

    def down(self) -> None:
        """Stop everything of this state folder. The inventory stays."""
        self.supervisor.shutdown()
        for revision in self.state.releases():
            self.state.forget(revision.namespace)
        for part in ("traefik", "logs"):
            shutil.rmtree(self.state.path(part), ignore_errors=True)
        self.state.forget_platform()


def servers(wanted: Plan, instances: list[Instance]) -> dict[tuple[str, str], list[str]]:
    """The processes behind each port of each Service of the release."""
    return {
        (address.name, port): [
            f"http://127.0.0.1:{instance.ports[target]}"
            for instance in instances
            if selects(address.selector, instance.labels)
        ]
        for address in wanted.addresses
        for port, target in address.ports.items()
    }
