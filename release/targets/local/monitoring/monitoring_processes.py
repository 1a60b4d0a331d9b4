"""Configures and starts the Prometheus and Alertmanager processes of a release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release.errors import NotReadyError, ToolError
from release.files import private_folder, write
from release.targets.local.monitoring import monitoring_config
from release.targets.local.plan.desired_state import (
    AlertmanagerServer,
    Plan,
    PrometheusServer,
    selects,
)
from release.targets.local.runtime.processes import Processes
from release.targets.local.runtime.supervisor import Supervisor
from release.targets.local.runtime.supervisor_config import Program
from release.targets.local.state.revisions import Instance
from release.targets.local.state.state_folder import StateFolder
from release.toolchain.subprocesses import run


@dataclass(frozen=True)
class MonitoringProcesses:
    """Brings the monitoring of a release in line with a plan. Every call is idempotent."""

    state: StateFolder
    supervisor: Supervisor
    namespace: str
    tools: Mapping[str, Path]

    def start(self, plan: Plan, instances: Sequence[Instance]) -> None:
        """Write every configuration, start missing processes and reload changed ones.

        Leaves the scrape targets to `set_scrape_targets`. Raises NotReadyError for a configuration
        that its program refuses.
        """
        missing = [
            self._alertmanager(alertmanager, instance, instances)
            for alertmanager in plan.alertmanagers
            for instance in _select(instances, f"alertmanager-{alertmanager.name}")
        ]
        missing += [
            self._prometheus(plan, prometheus, instance, instances)
            for prometheus in plan.prometheuses
            for instance in _select(instances, f"prometheus-{prometheus.name}")
        ]
        self.supervisor.add([program for program in missing if program])

    def set_scrape_targets(self, plan: Plan, instances: Sequence[Instance]) -> None:
        """Make each Prometheus scrape these processes; it reads the file again by itself."""
        ports = self.state.gateway_ports()
        if ports is None:
            return
        for server in plan.prometheuses:
            for instance in _select(instances, f"prometheus-{server.name}"):
                folder = self._config_folder(instance)
                monitoring_config.write_targets(folder, plan, server, instances, ports.api_port)

    def _prometheus(
        self,
        plan: Plan,
        server: PrometheusServer,
        instance: Instance,
        instances: Sequence[Instance],
    ) -> Program | None:
        folder = self._config_folder(instance)
        alertmanagers = [
            f"127.0.0.1:{target.ports[address.ports[port]]}"
            for name, port in server.alertmanagers
            for address in plan.addresses
            if address.name == name
            for target in instances
            if selects(address.selector, target.labels)
        ]
        files = monitoring_config.rule_files(folder, server.rules)
        path = folder / "prometheus.yml"
        files[path] = monitoring_config.prometheus_configuration(
            server, plan.namespace, folder, alertmanagers
        )
        for scrape in server.scrapes:
            # Prometheus watches existing folders only; else it sees changes after minutes.
            if not monitoring_config.targets_file(folder, scrape).exists():
                write(monitoring_config.targets_file(folder, scrape), "[]")
        command = monitoring_config.prometheus_command(
            self.tools["prometheus"],
            server,
            path,
            self._data_folder(instance),
            instance.ports["web"],
        )
        check: list[str | Path] = [self.tools["promtool"], "check", "config", path]
        return self._start_or_reload(instance, _replace_files(folder, files), command, check)

    def _alertmanager(
        self, server: AlertmanagerServer, instance: Instance, instances: Sequence[Instance]
    ) -> Program | None:
        folder = self._config_folder(instance)
        path = folder / "alertmanager.yml"
        secrets = self.state.path("secrets", self.namespace)
        changed = _replace_files(
            folder, {path: monitoring_config.alertmanager_configuration(server, secrets)}
        )
        replicas = _select(instances, instance.workload)
        peers = [item.ports["mesh"] for item in replicas if "mesh" in item.ports]
        command = monitoring_config.alertmanager_command(
            self.tools["alertmanager"],
            server,
            path,
            self._data_folder(instance),
            instance.ports,
            peers,
        )
        check: list[str | Path] = [self.tools["amtool"], "check-config", path]
        return self._start_or_reload(instance, changed, command, check)

    def _start_or_reload(
        self,
        instance: Instance,
        changed: bool,
        command: Sequence[str | Path],
        check: Sequence[str | Path],
    ) -> Program | None:
        """Reload a running process if its files changed.

        Return the program to start if there is no process with these arguments.
        """
        if changed:
            try:
                run(check)
            except ToolError as error:
                raise NotReadyError(f"{instance.id} refuses its configuration: {error}") from error
        launched = self._config_folder(instance) / "command"
        arguments = "\n".join(str(part) for part in command)
        running = self.supervisor.find([instance.id]).get(instance.id)
        if running and running.pid and launched.exists() and launched.read_text() == arguments:
            if changed:
                self.supervisor.signal(instance.id, "HUP")
            return None
        if running:
            self.supervisor.stop([instance.id])
        private_folder(self._data_folder(instance))
        processes = Processes(self.state, self.supervisor, self.namespace)
        write(launched, arguments)
        # By default Go's heap doubles before a collection: too much for many small servers.
        return processes.program(instance, command, {"GOGC": "40"}, launched.parent)

    def _config_folder(self, instance: Instance) -> Path:
        return self.state.path("config", self.namespace, instance.id)

    def _data_folder(self, instance: Instance) -> Path:
        return self.state.path("data", self.namespace, instance.id)


def _select(instances: Sequence[Instance], workload: str) -> list[Instance]:
    return [instance for instance in instances if instance.workload == workload]


def _replace_files(folder: Path, files: Mapping[Path, str]) -> bool:
    """Make these the YAML files below the folder. Return True if that changed any."""
    present = set(folder.rglob("*.y*ml"))
    stale = present - set(files)
    for path in stale:
        path.unlink()
    changed = [
        path for path, text in files.items() if path not in present or path.read_text() != text
    ]
    for path in changed:
        write(path, files[path])
    return bool(stale or changed)
