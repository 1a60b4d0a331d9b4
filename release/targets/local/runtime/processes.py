"""Turns instances into running programs: starts them, waits until they are ready, ends them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release.clients import http
from release.errors import NotReadyError, ReleaseError
from release.targets.local.images import Image
from release.targets.local.plan.desired_state import Job, Secret, Workload
from release.targets.local.plan.workloads import with_ports
from release.targets.local.runtime import process_tags
from release.targets.local.runtime.supervisor import Supervisor
from release.targets.local.runtime.supervisor_config import Program
from release.targets.local.state.revisions import Instance
from release.targets.local.state.state_folder import State
from release.toolchain.subprocesses import run

_CRASHES_TOLERATED = 3


@dataclass(frozen=True)
class Processes:
    """The processes of one release."""

    state: State
    supervisor: Supervisor
    namespace: str

    def log(self, instance: Instance) -> Path:
        return self.state.path("logs", self.namespace, f"{instance.id}.log")

    def service(self, instance: Instance, workload: Workload, image: Image) -> Program:
        """The program that runs a process of a service."""
        environment = self.environment(workload.environment, image)
        return self.program(
            instance,
            self.command(workload.command, image, workload.name),
            with_ports(environment, instance.ports),
            image.code,
        )

    def program(
        self,
        instance: Instance,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        directory: Path,
    ) -> Program:
        """The program of an instance, as the process manager is told of it."""
        return Program(
            instance.id, command, environment, directory, self.log(instance), instance.grace
        )

    def run_job(self, job: Job, image: Image) -> None:
        """Run a one-shot command to its end. Raises NotReadyError with what it said."""
        environment = {
            **process_tags.environment(self.supervisor.folder),
            **self.environment(job.environment, image),
        }
        try:
            run(
                self.command(job.command, image, job.name),
                cwd=image.code,
                env=environment,
                timeout=job.limit,
            )
        except ReleaseError as error:
            raise NotReadyError(f"{job.name} failed: {error}") from error

    def command(self, command: Sequence[str], image: Image, name: str) -> list[str | Path]:
        """`python` is the interpreter of the image; nothing else lies in one."""
        if command[0] != "python":
            raise ReleaseError(f"{name}: its command is {command[0]!r}; images hold only python")
        return [image.python, *command[1:]]

    def environment(self, wanted: Mapping[str, str | Secret], image: Image) -> dict[str, str]:
        values = {
            name: self.secret(value) if isinstance(value, Secret) else value
            for name, value in wanted.items()
        }
        return {
            **values,
            "PYTHONPATH": str(image.code),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def secret(self, secret: Secret) -> str:
        path = self.state.path("secrets", self.namespace, secret.name, secret.key)
        try:
            return path.read_text()
        except FileNotFoundError as error:
            raise ReleaseError(
                f"the secret {secret.name} has no key {secret.key}: write {path}"
            ) from error

    def wait_until_ready(self, instances: Sequence[Instance], limits: Mapping[str, float]) -> None:
        """Raises NotReadyError, with the log's tail, for the first that does not get there."""
        crashed_before = self.supervisor.restarts()
        for instance in instances:
            limit = limits[instance.workload]

            def crash_loops(name: str = instance.id) -> bool:
                crashes = self.supervisor.restarts()[name] - crashed_before[name]
                return crashes >= _CRASHES_TOLERATED

            if not _ready_before(instance, limit, crash_loops):
                why = "keeps ending" if crash_loops() else f"is not ready after {limit:g} s"
                raise NotReadyError(f"{instance.id} {why}", tail(self.log(instance)))

    def settle(self, instances: Sequence[Instance]) -> None:
        """Wait for the manager to call them running: it takes a second to trust a new process."""

        def settled() -> bool:
            running = self.supervisor.among(item.id for item in instances)
            return all(
                item.id in running and running[item.id].state == "running" for item in instances
            )

        http.wait_until(settled, limit=5)

    def end(self, instances: Sequence[Instance]) -> None:
        """Let the last requests through (the preStop pause), then end them side by side."""
        if not instances:
            return
        time.sleep(max(instance.stop_delay for instance in instances))
        self.supervisor.stop(instance.id for instance in instances)


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log, whatever bytes are in it."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def _ready_before(instance: Instance, limit: float, gives_up: Callable[[], bool]) -> bool:
    address = http.url(instance.ports[instance.ready_port], instance.ready_path)
    ready = False

    def settled() -> bool:
        nonlocal ready
        ready = http.answers(address, timeout=1)
        return ready or gives_up()

    http.wait_until(settled, limit=limit)
    return ready
