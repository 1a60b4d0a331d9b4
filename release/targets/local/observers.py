"""The Prometheus and Alertmanager processes of a release: configured, started, told of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release.files import private_folder, write
from release.targets.local import monitoring
from release.targets.local.model import Alertmanager, Plan, Prometheus
from release.targets.local.processes import Processes
from release.targets.local.state import Instance, State
from release.targets.local.supervisor import Supervisor


@dataclass(frozen=True)
class Observers:
    """Brings monitoring in line with a plan; safe to call again."""

    state: State
    supervisor: Supervisor
    processes: Processes
    tools: Mapping[str, Path]

    def bring_up(self, plan: Plan, instances: Sequence[Instance]) -> list[Instance]:
        """Write every configuration, start what is missing, reload what changed; returns what was
        (re)started.

        Scrape targets are not touched: see `watch`.
        """
        started = []
        running = self.supervisor.running()
        for alertmanager in plan.alertmanagers:
            for instance in _of(instances, f"alertmanager-{alertmanager.name}"):
                if self._alertmanager(alertmanager, instance, instances, instance.id in running):
                    started.append(instance)
        for prometheus in plan.prometheuses:
            for instance in _of(instances, f"prometheus-{prometheus.name}"):
                if self._prometheus(plan, prometheus, instance, instances, instance.id in running):
                    started.append(instance)
        return started

    def watch(self, plan: Plan, instances: Sequence[Instance]) -> None:
        """Point each Prometheus at these processes; it notices by itself."""
        for prometheus in plan.prometheuses:
            for instance in _of(instances, f"prometheus-{prometheus.name}"):
                monitoring.write_targets(self._configuration(instance), plan, prometheus, instances)

    def _prometheus(
        self,
        plan: Plan,
        server: Prometheus,
        instance: Instance,
        instances: Sequence[Instance],
        running: bool,
    ) -> bool:
        folder = self._configuration(instance)
        alertmanagers = [
            f"127.0.0.1:{target.ports[address.ports[port]]}"
            for name, port in server.alertmanagers
            for address in plan.addresses
            if address.name == name
            for target in instances
            if address.selector.items() <= target.labels.items()
        ]
        monitoring.write_rules(folder, server.rules)
        for scrape in server.scrapes:
            # The folder must be there to be watched, or changes go unnoticed for minutes.
            if not monitoring.targets_file(folder, scrape).exists():
                write(monitoring.targets_file(folder, scrape), "[]")
        path = folder / "prometheus.yml"
        text = monitoring.prometheus_configuration(server, plan.namespace, folder, alertmanagers)
        command = monitoring.prometheus_command(
            self.tools["prometheus"], server, path, self._data(instance), instance.ports["web"]
        )
        return self._run(instance, path, text, command, running)

    def _alertmanager(
        self, server: Alertmanager, instance: Instance, instances: Sequence[Instance], running: bool
    ) -> bool:
        path = self._configuration(instance) / "alertmanager.yml"
        secrets = self.state.path("secrets", self.processes.namespace)
        text = monitoring.alertmanager_configuration(server, secrets)
        peers = [
            item.ports["mesh"] for item in _of(instances, instance.workload) if "mesh" in item.ports
        ]
        command = monitoring.alertmanager_command(
            self.tools["alertmanager"], server, path, self._data(instance), instance.ports, peers
        )
        return self._run(instance, path, text, command, running)

    def _run(
        self,
        instance: Instance,
        path: Path,
        text: str,
        command: Sequence[str | Path],
        running: bool,
    ) -> bool:
        """Start, restart (new arguments) or reload; whether it was (re)started."""
        write(path, text)
        launched = path.with_suffix(".command")
        arguments = "\n".join(str(part) for part in command)
        if running and launched.exists() and launched.read_text() == arguments:
            self.supervisor.signal(instance.id, "HUP")
            return False
        self.supervisor.stop([instance.id] if running else [])
        private_folder(self._data(instance))
        # Go's default lets the heap double before it collects; these servers are many and small.
        self.processes.start(instance, command, {"GOGC": "40"}, path.parent)
        write(launched, arguments)
        return True

    def _configuration(self, instance: Instance) -> Path:
        return self.state.path("config", self.processes.namespace, instance.id)

    def _data(self, instance: Instance) -> Path:
        return self.state.path("data", self.processes.namespace, instance.id)


def _of(instances: Sequence[Instance], workload: str) -> list[Instance]:
    return [instance for instance in instances if instance.workload == workload]
