"""The steps of a deployment, in order: what runs keeps serving until its successor is ready."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release.console import note, step
from release.release import Release
from release.targets.local import code, placement, platform, routes
from release.targets.local.labels import selects
from release.targets.local.model import Plan
from release.targets.local.observers import Observers
from release.targets.local.plan import plan
from release.targets.local.ports import Ports
from release.targets.local.processes import Processes
from release.targets.local.state import Instance, Platform, Revision, State
from release.targets.local.supervisor import Supervisor


@dataclass(frozen=True)
class Deployment:
    """One change of one release; whoever makes it holds the lock of the state folder."""

    state: State
    supervisor: Supervisor
    ports: Platform
    tools: Mapping[str, Path]
    release: Release

    def run(self) -> Revision:
        """Make the release run. Raises NotReadyError after restoring what ran before."""
        namespace = self.release.namespace
        wanted = plan(self.release.objects, namespace)
        images = {name: code.image(name, self.state.path("images")) for name in wanted.images}
        platform.ensure(self.state, self.supervisor, self.ports, self.tools)
        self._sweep()
        before = self.state.current(namespace)
        revision = self._revision(wanted, before, images)
        try:
            self._migrate(wanted, images)
            self._bring_up(wanted, revision, images)
        except BaseException:
            self._restore(before)
            raise
        with step("switching the routes"):
            self.state.save(revision)
            self._route(wanted, revision)
            self._observers.watch(wanted, revision.instances)
        self._retire(before, revision)
        self._processes.settle(revision.instances)
        code.prune(self.state.path("images"), self._images_in_use())
        return revision

    def _revision(
        self, wanted: Plan, before: Revision | None, images: Mapping[str, code.Image]
    ) -> Revision:
        number = self.state.next_number(self.release.namespace)
        digests = {name: image.digest for name, image in images.items()}
        free = Ports(self._taken(), self.state.root)
        return Revision(
            namespace=self.release.namespace,
            version=self.release.version,
            chart_version=self.release.chart_version,
            number=number,
            deployed_at=time.time(),
            values=dict(self.release.values),
            objects=list(self.release.objects),
            instances=placement.place(wanted, before, number, digests, free),
            urls={host.host: f"http://{host.host}:{self.ports.port}/" for host in wanted.hosts},
            images={name: image.code.name for name, image in images.items()},
            reason=self.release.reason,
        )

    def _migrate(self, wanted: Plan, images: Mapping[str, code.Image]) -> None:
        for job in wanted.jobs:
            with step(f"running {job.name}"):
                self._processes.run_job(job, images[job.image])

    def _bring_up(self, wanted: Plan, revision: Revision, images: Mapping[str, code.Image]) -> None:
        with step(f"starting {revision.namespace}"):
            running = self.supervisor.running()
            workloads = {workload.name: workload for workload in wanted.workloads}
            for instance in revision.instances:
                if instance.kind == "service" and instance.id not in running:
                    workload = workloads[instance.workload]
                    self._processes.start_service(instance, workload, images[workload.image])
            self._observers.bring_up(wanted, revision.instances)
            limits = {workload.name: workload.ready_limit for workload in wanted.workloads}
            self._processes.wait_until_ready(revision.instances, limits)

    def _restore(self, before: Revision | None) -> None:
        """Back to what ran before: the new processes go, the old services were never touched."""
        namespace = self.release.namespace
        kept = before.instances if before else []
        ours = [name for name in self.supervisor.running() if name.startswith(f"{namespace}.")]
        self.supervisor.stop(set(ours) - {instance.id for instance in kept})
        if before:
            self._observers.bring_up(plan(before.objects, namespace), kept)
            note(f"rolled back to revision {before.number} of {namespace}")
        elif not self.state.releases():
            self.supervisor.shutdown()
            self.state.forget_platform()

    def _retire(self, before: Revision | None, revision: Revision) -> None:
        """What nobody is routed to any more may finish and go."""
        staying = {instance.id for instance in revision.instances}
        leaving = [item for item in (before.instances if before else ()) if item.id not in staying]
        if leaving:
            with step(f"draining {', '.join(item.id for item in leaving)}"):
                self._processes.end(leaving)

    def _sweep(self) -> None:
        """Clear what an interrupted command left: recorded routes first, then the processes that
        no record names.
        """
        revisions = self.state.releases()
        known = {instance.id for revision in revisions for instance in revision.instances}
        strangers = set(self.supervisor.running()) - known - {platform.GATEWAY}
        if strangers:
            for revision in revisions:
                self._route(plan(revision.objects, revision.namespace), revision)
            self.supervisor.stop(strangers)

    def _route(self, wanted: Plan, revision: Revision) -> None:
        servers = _servers(wanted, revision.instances)
        routes.switch(self.state.path("traefik"), self.ports, wanted, servers)

    def _taken(self) -> set[int]:
        recorded = {
            port
            for revision in self.state.releases()
            for instance in revision.instances
            for port in instance.ports.values()
        }
        return recorded | {self.ports.port, self.ports.internal_port, self.ports.api_port}

    def _images_in_use(self) -> set[str]:
        return {name for revision in self.state.revisions() for name in revision.images.values()}

    @property
    def _processes(self) -> Processes:
        return Processes(self.state, self.supervisor, self.release.namespace)

    @property
    def _observers(self) -> Observers:
        return Observers(self.state, self.supervisor, self._processes, self.tools)


def _servers(wanted: Plan, instances: Sequence[Instance]) -> dict[tuple[str, str], list[str]]:
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
