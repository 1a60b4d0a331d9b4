"""Turns instances into running programs: starts them, waits for them, ends them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release.clients import http
from release.errors import NotReadyError, ReleaseError
from release.targets.local.images import LocalImage
from release.targets.local.plan.desired_state import Job, Secret, Workload
from release.targets.local.plan.workloads import with_ports
from release.targets.local.runtime.supervisor import Supervisor
from release.targets.local.runtime.supervisor_config import Program
from release.targets.local.state.revisions import Instance
from release.targets.local.state.state_folder import StateFolder
from release.toolchain.subprocesses import run

_CRASHES_TOLERATED = 3


@dataclass(frozen=True)
class Processes:
    """The processes of one release."""

    state: StateFolder
    supervisor: Supervisor
    namespace: str

    def service(self, instance: Instance, workload: Workload, image: LocalImage) -> Program:
        """Return the program for a process of a service."""
        environment = self._environment(workload.environment, image)
        return Program(
            instance.id,
            self._command(workload.command, image, workload.name),
            with_ports(environment, instance.ports),
            image.code,
            self.state.log_file(self.namespace, instance.id),
            instance.grace,
        )

    def run_job(self, job: Job, image: LocalImage) -> None:
        """Run a job to its end. Raises NotReadyError with its last line of output."""
        command = self._command(job.command, image, job.name)
        variables = self._environment(job.environment, image)
        environment = {**self.supervisor.environment, **variables}
        try:
            run(command, cwd=image.code, env=environment, timeout=job.limit)
        except ReleaseError as error:
            raise NotReadyError(f"{job.name} failed: {error}") from error

    def _command(self, command: Sequence[str], image: LocalImage, name: str) -> list[str | Path]:
        """Replace `python` by the image's interpreter; images have no other program."""
        if command[0] != "python":
            raise ReleaseError(f"{name}: its command is {command[0]!r}; images hold only python")
        return [image.python, *command[1:]]

    def _environment(
        self, variables: Mapping[str, str | Secret], image: LocalImage
    ) -> dict[str, str]:
        values = {
            name: self._read_secret(value) if isinstance(value, Secret) else value
            for name, value in variables.items()
        }
        return {
            **values,
            "PYTHONPATH": str(image.code),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def _read_secret(self, secret: Secret) -> str:
        path = self.state.path("secrets", self.namespace, secret.name, secret.key)
        try:
            return path.read_text()
        except FileNotFoundError as error:
            raise ReleaseError(
                f"the secret {secret.name} has no key {secret.key}: write {path}"
            ) from error

    def wait_until_ready(self, instances: Sequence[Instance], limits: Mapping[str, float]) -> None:
        """Wait until all are ready. Raises NotReadyError with the log of the first that is not."""
        crashes = self.supervisor.restarts()
        for instance in instances:
            why = self._why_not_ready(instance, limits[instance.workload], crashes[instance.id])
            if why:
                log = self.state.log_file(self.namespace, instance.id)
                raise NotReadyError(f"{instance.id} {why}", tail(log))

    def _why_not_ready(self, instance: Instance, limit: float, crashes_before: int) -> str:
        """Wait until a process is ready. Return the reason if it does not become so."""
        address = http.url(instance.ports[instance.ready_port], instance.ready_path)
        deadline = time.monotonic() + limit
        while not http.answers(address, timeout=1):
            crashes = self.supervisor.restarts()[instance.id] - crashes_before
            if crashes >= _CRASHES_TOLERATED:
                return "keeps ending"
            if time.monotonic() > deadline:
                return f"is not ready after {limit:g} s"
            time.sleep(0.05)
        return ""

    def wait_until_running(self, instances: Sequence[Instance]) -> None:
        """Wait until the manager reports them as running, a second after their start."""
        names = [instance.id for instance in instances]
        http.wait_until(
            lambda: {item.state for item in self.supervisor.find(names).values()} <= {"running"},
            limit=5,
        )

    def end(self, instances: Sequence[Instance]) -> None:
        """Wait for the last requests (the preStop pause), then end all in parallel."""
        time.sleep(max((instance.stop_delay for instance in instances), default=0))
        self.supervisor.stop(instance.id for instance in instances)


def tail(path: Path, lines: int = 20) -> str:
    """Return the last lines of a log."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
