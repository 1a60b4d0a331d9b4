"""The steps of a deployment, in order: what runs keeps serving until its successor is ready."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

from release.console import note, step
from release.errors import ReleaseError, UnsupportedError
from release.model.release import Release
from release.targets.local import images
from release.targets.local.monitoring.monitoring_processes import Observers
from release.targets.local.plan.desired_state import Plan
from release.targets.local.plan.labels import selects
from release.targets.local.plan.planner import plan
from release.targets.local.runtime import scheduler
from release.targets.local.runtime.ports import Ports, is_free
from release.targets.local.runtime.processes import Processes
from release.targets.local.runtime.supervisor import Supervisor
from release.targets.local.runtime.supervisor_config import Program
from release.targets.local.state.garbage_collection import prune
from release.targets.local.state.revisions import Instance, Platform, Revision
from release.targets.local.state.state_folder import State
from release.targets.local.traefik import file_provider, gateway_process
from release.toolchain import virtualenvs


@dataclass(frozen=True)
class Deployment:
    """One change of one release; whoever makes it holds the lock of the state folder."""

    state: State
    supervisor: Supervisor
    ports: Platform
    tools: Mapping[str, Path]
    release: Release
    recorded: Mapping[str, str] = field(default_factory=dict)
    """Images of an earlier revision that are to run; others are made of the working tree."""

    def run(self) -> None:
        """Make the release run. Raises NotReadyError after restoring what ran before."""
        namespace = self.release.namespace
        wanted = plan(self.release.objects, namespace)
        before = self.state.current(namespace)
        images = {name: self._image(name) for name in wanted.images}
        # Their dependencies may have taken a while to install, and a port is soon somebody else's.
        ports = gateway_process.still_free(self.ports, self.state, self.supervisor)
        replace(self, ports=ports)._replace(wanted, before, images)

    def _replace(
        self, wanted: Plan, before: Revision | None, images: Mapping[str, images.Image]
    ) -> None:
        try:
            gateway_process.ensure(self.state, self.supervisor, self.ports, self.tools)
            self._put_right()
            self.state.begin()
            revision = self._revision(wanted, before, images)
            self._migrate(wanted, images)
            self._bring_up(wanted, revision, images)
        except BaseException as error:
            self._restore(before, error)
            raise
        with step("switching the routes"):
            self.state.save(revision)
            self._route(wanted, revision)
            self._observers(revision.namespace).watch(wanted, revision.instances)
        self._retire(before, revision)
        self._processes.settle(revision.instances)
        self.state.finish()
        prune(self.state)
        virtualenvs.remove_unused()

    def update_routes(self) -> None:
        """Only routes change: no process is looked at, so that nothing which is broken can stop a
        roll-back.
        """
        before = self.state.current(self.release.namespace)
        wanted = plan(self.release.objects, self.release.namespace)
        if before is None or not _same_processes(plan(before.objects, before.namespace), wanted):
            raise UnsupportedError(f"{self.release.namespace}: more than its routes would change")
        gateway_process.ensure(self.state, self.supervisor, self.ports, self.tools)
        revision = replace(
            before,
            number=self.state.next_number(self.release.namespace),
            deployed_at=time.time(),
            values=dict(self.release.values),
            objects=list(self.release.objects),
            reason=self.release.reason,
        )
        self.state.begin()
        self.state.save(revision)
        self._route(wanted, revision)
        self.state.finish()

    def _image(self, name: str) -> images.Image:
        folder = self.state.path("images")
        if name in self.recorded:
            return images.recorded(name, folder / self.recorded[name])
        return images.image(name, folder)

    def _revision(
        self, wanted: Plan, before: Revision | None, images: Mapping[str, images.Image]
    ) -> Revision:
        number = self.state.next_number(self.release.namespace)
        digests = {name: image.digest for name, image in images.items()}
        free = Ports(self._taken(), self.state.root)
        if before:
            before = replace(before, instances=self._usable(before.instances))
        return Revision(
            namespace=self.release.namespace,
            version=self.release.version,
            chart_version=self.release.chart_version,
            number=number,
            deployed_at=time.time(),
            values=dict(self.release.values),
            objects=list(self.release.objects),
            instances=scheduler.place(wanted, before, number, digests, free),
            urls={host: f"http://{host}:{self.ports.port}/" for host in wanted.public_hosts},
            images={name: image.code.name for name, image in images.items()},
            reason=self.release.reason,
        )

    def _migrate(self, wanted: Plan, images: Mapping[str, images.Image]) -> None:
        for job in wanted.jobs:
            with step(f"running {job.name}"):
                self._processes.run_job(job, images[job.image])

    def _bring_up(
        self, wanted: Plan, revision: Revision, images: Mapping[str, images.Image]
    ) -> None:
        with step(f"starting {revision.namespace}"):
            self.supervisor.add(self._missing(wanted, revision, images))
            self._observers(revision.namespace).bring_up(wanted, revision.instances)
            limits = {workload.name: workload.ready_limit for workload in wanted.workloads}
            self._processes.wait_until_ready(revision.instances, limits)

    def _missing(
        self, wanted: Plan, revision: Revision, images: Mapping[str, images.Image]
    ) -> list[Program]:
        """The processes of services that do not run yet."""
        workloads = {workload.name: workload for workload in wanted.workloads}
        services = [item for item in revision.instances if item.kind == "service"]
        running = self.supervisor.among(item.id for item in services)
        return [
            self._processes.service(item, workload, images[workload.image])
            for item in services
            if item.id not in running
            for workload in (workloads[item.workload],)
        ]

    def _usable(self, instances: Sequence[Instance]) -> list[Instance]:
        """Those that run, or could: after a reboot somebody else may have a recorded port."""
        running = self.supervisor.among(item.id for item in instances)
        return [
            item
            for item in instances
            if (item.id in running and running[item.id].pid)
            or all(is_free(port) for port in item.ports.values())
        ]

    def _restore(self, before: Revision | None, error: BaseException) -> None:
        """Back to what ran before; what goes wrong here must not hide what went wrong first."""
        try:
            self._go_back(before)
            self.state.finish()
        except (OSError, Fault, ReleaseError) as further:
            note(f"what ran before could not be restored ({further}): the next deploy tries again")

    def _go_back(self, before: Revision | None) -> None:
        """The new processes go; the old services were never touched."""
        namespace = self.release.namespace
        kept = before.instances if before else []
        ours = [name for name in self.supervisor.running() if name.startswith(f"{namespace}.")]
        self.supervisor.stop(set(ours) - {instance.id for instance in kept})
        if before:
            self._observers(namespace).bring_up(plan(before.objects, namespace), kept)
            note(f"rolled back to revision {before.number} of {namespace}")
        elif not self.state.releases():
            self.supervisor.shutdown()
            self.state.forget_everything()

    def _retire(self, before: Revision | None, revision: Revision) -> None:
        """What nobody is routed to any more may finish and go."""
        staying = {instance.id for instance in revision.instances}
        leaving = [item for item in (before.instances if before else ()) if item.id not in staying]
        if leaving:
            with step(f"draining {', '.join(item.id for item in leaving)}"):
                self._processes.end(leaving)

    def _put_right(self) -> None:
        """After a command that was broken off: every release routed and watched as recorded, then
        the processes that no record names ended.
        """
        if not self.state.unfinished:
            return
        revisions = self.state.releases()
        for revision in revisions:
            recorded = plan(revision.objects, revision.namespace)
            self._route(recorded, revision)
            self._observers(revision.namespace).watch(recorded, revision.instances)
        known = {instance.id for revision in revisions for instance in revision.instances}
        self.supervisor.stop(self.supervisor.names() - known - {gateway_process.GATEWAY})

    def _route(self, wanted: Plan, revision: Revision) -> None:
        servers = _servers(wanted, revision.instances)
        file_provider.switch(self.state.path("traefik"), self.ports, wanted, servers)

    def _taken(self) -> set[int]:
        recorded = {
            port
            for revision in self.state.releases()
            for instance in revision.instances
            for port in instance.ports.values()
        }
        return recorded | {self.ports.port, self.ports.internal_port, self.ports.api_port}

    @property
    def _processes(self) -> Processes:
        return Processes(self.state, self.supervisor, self.release.namespace)

    def _observers(self, namespace: str) -> Observers:
        return Observers(self.state, self.supervisor, namespace, self.tools)


def _same_processes(one: Plan, other: Plan) -> bool:
    """Whether two plans differ in nothing but who is routed where."""
    file_provider: dict[str, Any] = {"routes": (), "splits": (), "middlewares": {}, "hosts": ()}
    return replace(one, **file_provider) == replace(other, **file_provider)


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
