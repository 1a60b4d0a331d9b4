"""The steps of a deployment: old processes serve until their successors are ready."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from xmlrpc.client import Fault

from release.console import note, step
from release.errors import ReleaseError, UnsupportedError
from release.model.release import Release
from release.targets.local import traefik
from release.targets.local.images import LocalImage, build_image, find_image
from release.targets.local.monitoring import Monitoring
from release.targets.local.plan.desired_state import Plan
from release.targets.local.plan.planner import make_plan
from release.targets.local.runtime import scheduler
from release.targets.local.runtime.ports import free_ports, is_free
from release.targets.local.runtime.processes import Processes
from release.targets.local.runtime.supervisor import Supervisor
from release.targets.local.state.revisions import GatewayPorts, Instance, LocalRevision
from release.targets.local.state.state_folder import StateFolder
from release.toolchain import virtualenvs


@dataclass
class Deployment:
    """One change of one release. The caller holds the lock of the state folder."""

    state: StateFolder
    supervisor: Supervisor
    ports: GatewayPorts
    tools: Mapping[str, Path]
    release: Release
    recorded: Mapping[str, str] = field(default_factory=dict)
    """Images of an earlier revision to run; others are built from the working tree."""

    def run(self) -> None:
        """Deploy the release. Raises NotReadyError after restoring the revision before."""
        plan = make_plan(self.release.objects, self.release.namespace)
        before = self.state.current(self.release.namespace)
        images = {name: self._find_image(name) for name in plan.images}
        try:
            self._start_gateway()
            self._recover()
            self.state.begin_change()
            revision = self._make_revision(plan, before, images)
            for job in plan.jobs:
                with step(f"running {job.name}"):
                    self._processes.run_job(job, images[job.image])
            with step(f"starting {plan.namespace}"):
                self._start(plan, revision, images)
        except BaseException:
            self._restore(before)
            raise
        with step("switching the routes"):
            self.state.save(revision)
            self._route(plan, revision.instances)
        self._drain(before, revision)
        self._processes.wait_until_running(revision.instances)
        self.state.finish_change()
        self.state.collect_garbage()
        virtualenvs.remove_unused()

    def update_routes(self) -> None:
        """Change routes only: no broken process can stop a roll-back. Raises UnsupportedError."""
        before = self.state.current(self.release.namespace)
        plan = make_plan(self.release.objects, self.release.namespace)
        if before is None or not _has_same_processes(
            make_plan(before.objects, before.namespace), plan
        ):
            raise UnsupportedError(f"{self.release.namespace}: more than its routes would change")
        self._start_gateway()
        revision = replace(
            before,
            revision=self.state.next_number(self.release.namespace),
            at=time.time(),
            values=dict(self.release.values),
            objects=list(self.release.objects),
            reason=self.release.reason,
        )
        self.state.begin_change()
        self.state.save(revision)
        traefik.set_routes(self.state, self.ports, plan, revision.instances)
        self.state.finish_change()

    def _start_gateway(self) -> None:
        self.ports = traefik.ensure_running(self.state, self.supervisor, self.ports, self.tools)

    def _find_image(self, name: str) -> LocalImage:
        folder = self.state.path("images")
        if name in self.recorded:
            return find_image(name, folder / self.recorded[name])
        return build_image(name, folder)

    def _make_revision(
        self, plan: Plan, before: LocalRevision | None, images: Mapping[str, LocalImage]
    ) -> LocalRevision:
        number = self.state.next_number(self.release.namespace)
        recorded = {name: image.code.name for name, image in images.items()}
        usable = self._usable_instances(before.instances) if before else []
        taken = {self.ports.port, self.ports.internal_port, self.ports.api_port}
        for revision in self.state.releases():
            taken |= {port for item in revision.instances for port in item.ports.values()}
        ports = free_ports(taken, self.state.root)
        return LocalRevision(
            namespace=self.release.namespace,
            version=self.release.version,
            chart_version=self.release.chart_version,
            revision=number,
            at=time.time(),
            values=dict(self.release.values),
            objects=list(self.release.objects),
            instances=scheduler.schedule(plan, usable, number, recorded, ports),
            urls={host: f"http://{host}:{self.ports.port}/" for host in plan.public_hosts},
            images=recorded,
            reason=self.release.reason,
        )

    def _start(self, plan: Plan, revision: LocalRevision, images: Mapping[str, LocalImage]) -> None:
        """Start the processes that do not run yet, and wait until all are ready."""
        workloads = {workload.name: workload for workload in plan.workloads}
        services = [item for item in revision.instances if item.kind == "service"]
        running = self.supervisor.find(item.id for item in services)
        missing = [(item, workloads[item.workload]) for item in services if item.id not in running]
        self.supervisor.add(
            [self._processes.service(item, work, images[work.image]) for item, work in missing]
        )
        self._monitoring(plan, revision.instances).start()
        limits = {workload.name: workload.ready_limit for workload in plan.workloads}
        self._processes.wait_until_ready(revision.instances, limits)

    def _usable_instances(self, instances: Sequence[Instance]) -> list[Instance]:
        """Return the instances that run or could: after a reboot their ports may be taken."""
        running = self.supervisor.find(item.id for item in instances)
        return [
            item
            for item in instances
            if (item.id in running and running[item.id].pid)
            or all(is_free(port) for port in item.ports.values())
        ]

    def _restore(self, before: LocalRevision | None) -> None:
        """Stop the new processes; the services of the revision before still run.

        An error here must not hide the first one.
        """
        namespace = self.release.namespace
        kept = before.instances if before else []
        try:
            programs = self.supervisor.programs_by_name()
            ours = {name for name in programs if name.startswith(f"{namespace}.")}
            self.supervisor.stop(ours - {instance.id for instance in kept})
            if before:
                self._monitoring(make_plan(before.objects, namespace), kept).start()
                note(f"rolled back to revision {before.revision} of {namespace}")
            elif not self.state.releases():
                self.supervisor.shutdown()
                self.state.remove_all_releases()
            self.state.finish_change()
        except (OSError, Fault, ReleaseError) as further:
            note(f"what ran before could not be restored ({further}): the next deploy tries again")

    def _drain(self, before: LocalRevision | None, revision: LocalRevision) -> None:
        """Let the processes without routes finish, and stop them."""
        staying = {instance.id for instance in revision.instances}
        leaving = [item for item in (before.instances if before else ()) if item.id not in staying]
        if leaving:
            with step(f"draining {', '.join(item.id for item in leaving)}"):
                self._processes.end(leaving)

    def _recover(self) -> None:
        """Repair an interrupted change: restore recorded routes, stop unrecorded processes."""
        if not self.state.is_change_unfinished:
            return
        revisions = self.state.releases()
        for revision in revisions:
            self._route(make_plan(revision.objects, revision.namespace), revision.instances)
        known = {instance.id for revision in revisions for instance in revision.instances}
        self.supervisor.stop(self.supervisor.names() - known - {traefik.GATEWAY})

    def _route(self, plan: Plan, instances: Sequence[Instance]) -> None:
        """Send requests and scrapes to these processes."""
        traefik.set_routes(self.state, self.ports, plan, instances)
        self._monitoring(plan, instances).set_scrape_targets(self.ports.api_port)

    @property
    def _processes(self) -> Processes:
        return Processes(self.state, self.supervisor, self.release.namespace)

    def _monitoring(self, plan: Plan, instances: Sequence[Instance]) -> Monitoring:
        return Monitoring(self.state, self.supervisor, self.tools, plan, instances)


def _has_same_processes(one: Plan, other: Plan) -> bool:
    """True if two plans differ in routes only."""
    return replace(one, routing={}, public_hosts=()) == replace(other, routing={}, public_hosts=())
