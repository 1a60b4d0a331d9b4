"""Configures and starts the Prometheus and Alertmanager processes of a release.

The configuration is the one that the Prometheus Operator would generate.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from release.errors import NotReadyError, ToolError
from release.files import private_folder, write
from release.targets.local.plan.desired_state import (
    GATEWAY_NAMESPACE,
    AlertmanagerServer,
    Plan,
    PrometheusServer,
    ScrapeEndpoint,
    selects,
)
from release.targets.local.runtime.supervisor import Supervisor
from release.targets.local.runtime.supervisor_config import Program
from release.targets.local.state.revisions import Instance
from release.targets.local.state.state_folder import StateFolder
from release.toolchain.subprocesses import run


@dataclass(frozen=True)
class Monitoring:
    """The monitoring of a release: brings these instances in line with the plan, idempotently."""

    state: StateFolder
    supervisor: Supervisor
    tools: Mapping[str, Path]
    plan: Plan
    instances: Sequence[Instance]

    def start(self) -> None:
        """Write every configuration, start missing processes and reload changed ones.

        Raises NotReadyError for a configuration that its program refuses.
        """
        programs = [
            self._alertmanager(server, instance)
            for server in self.plan.alertmanagers
            for instance in self._replicas(f"alertmanager-{server.name}")
        ]
        programs += [
            self._prometheus(server, instance)
            for server in self.plan.prometheuses
            for instance in self._replicas(f"prometheus-{server.name}")
        ]
        self.supervisor.add([program for program in programs if program])

    def set_scrape_targets(self, gateway: int) -> None:
        """Make each Prometheus scrape these processes, and Traefik's metrics at port `gateway`."""
        for server in self.plan.prometheuses:
            for instance in self._replicas(f"prometheus-{server.name}"):
                for scrape in server.scrapes:
                    groups = self._target_groups(scrape, gateway)
                    path = _targets_file(self._config_folder(instance), scrape)
                    write(path, json.dumps(groups, indent=1))

    def _target_groups(self, scrape: ScrapeEndpoint, gateway: int) -> list[dict[str, Any]]:
        """Return the processes behind the selected Services, with the operator's labels."""
        if scrape.namespace == GATEWAY_NAMESPACE:
            labels = {"job": "traefik", "namespace": GATEWAY_NAMESPACE, "pod": "gateway"}
            return [{"targets": [f"127.0.0.1:{gateway}"], "labels": labels}]
        return [
            {
                "targets": [f"127.0.0.1:{instance.ports[address.ports[scrape.port]]}"],
                "labels": {
                    "job": address.name,
                    "namespace": self.plan.namespace,
                    "service": address.name,
                    "endpoint": scrape.port,
                    "pod": instance.id,
                },
            }
            for address in self.plan.addresses
            if selects(scrape.selector, address.labels) and scrape.port in address.ports
            for instance in self.instances
            if selects(address.selector, instance.labels)
        ]

    def _prometheus(self, server: PrometheusServer, instance: Instance) -> Program | None:
        folder = self._config_folder(instance)
        alertmanagers = [
            f"127.0.0.1:{target.ports[address.ports[port]]}"
            for name, port in server.alertmanagers
            for address in self.plan.addresses
            if address.name == name
            for target in self.instances
            if selects(address.selector, target.labels)
        ]
        configuration = {
            "global": server.settings,
            "rule_files": [str(folder / "rules" / "*.yaml")],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": alertmanagers}]}]},
            "scrape_configs": [
                {
                    "job_name": f"serviceMonitor/{self.plan.namespace}/{scrape.monitor}",
                    **scrape.settings,
                    # In files of their own, so that a redeploy needs no reload.
                    "file_sd_configs": [{"files": [str(_targets_file(folder, scrape))]}],
                }
                for scrape in server.scrapes
            ],
        }
        path = folder / "prometheus.yml"
        files = {folder / "rules" / name: text for name, text in server.rules.items()}
        files[path] = yaml.safe_dump(configuration, sort_keys=False)
        for scrape in server.scrapes:
            # Prometheus watches existing folders only; else it sees changes after minutes.
            if not _targets_file(folder, scrape).exists():
                write(_targets_file(folder, scrape), "[]")
        return self._start_or_reload(
            instance,
            files,
            [self.tools["promtool"], "check", "config", path],
            [
                self.tools["prometheus"],
                f"--config.file={path}",
                f"--storage.tsdb.path={self._data_folder(instance)}",
                f"--storage.tsdb.retention.time={server.retention}",
                *_web_options(server, instance),
            ],
        )

    def _alertmanager(self, server: AlertmanagerServer, instance: Instance) -> Program | None:
        path = self._config_folder(instance) / "alertmanager.yml"
        configuration = server.configuration
        for name in server.secrets:
            folder = self.state.path("secrets", self.plan.namespace, name)
            configuration = configuration.replace(
                f"/etc/alertmanager/secrets/{name}/", f"{folder}/"
            )
        mesh = instance.ports.get("mesh")
        peers = [item.ports["mesh"] for item in self._replicas(instance.workload) if mesh]
        return self._start_or_reload(
            instance,
            {path: configuration},
            [self.tools["amtool"], "check-config", path],
            [
                self.tools["alertmanager"],
                f"--config.file={path}",
                f"--storage.path={self._data_folder(instance)}",
                f"--data.retention={server.retention}",
                *_web_options(server, instance),
                f"--cluster.listen-address={f'127.0.0.1:{mesh}' if mesh else ''}",
                *(f"--cluster.peer=127.0.0.1:{port}" for port in peers if port != mesh),
            ],
        )

    def _start_or_reload(
        self,
        instance: Instance,
        files: Mapping[Path, str],
        check: Sequence[str | Path],
        command: Sequence[str | Path],
    ) -> Program | None:
        """Write the files of a process, and reload it if they changed.

        Return the program to start if there is no process with these arguments.
        """
        folder = self._config_folder(instance)
        changed = _replace_files(folder, files)
        if changed:
            try:
                run(check)
            except ToolError as error:
                raise NotReadyError(f"{instance.id} refuses its configuration: {error}") from error
        launched = folder / "command"
        arguments = "\n".join(str(part) for part in command)
        running = self.supervisor.find([instance.id]).get(instance.id)
        if running and running.pid and launched.exists() and launched.read_text() == arguments:
            if changed:
                self.supervisor.signal(instance.id, "HUP")
            return None
        if running:
            self.supervisor.stop([instance.id])
        private_folder(self._data_folder(instance))
        write(launched, arguments)
        log = self.state.log_file(self.plan.namespace, instance.id)
        # By default Go's heap doubles before a collection: too much for many small servers.
        return Program(instance.id, command, {"GOGC": "40"}, folder, log, instance.grace)

    def _replicas(self, workload: str) -> list[Instance]:
        return [instance for instance in self.instances if instance.workload == workload]

    def _config_folder(self, instance: Instance) -> Path:
        return self.state.path("config", self.plan.namespace, instance.id)

    def _data_folder(self, instance: Instance) -> Path:
        return self.state.path("data", self.plan.namespace, instance.id)


def _targets_file(folder: Path, scrape: ScrapeEndpoint) -> Path:
    return folder / "targets" / f"{scrape.monitor}-{scrape.port}.json"


def _web_options(server: PrometheusServer | AlertmanagerServer, instance: Instance) -> list[str]:
    return [
        f"--web.listen-address=127.0.0.1:{instance.ports['web']}",
        f"--web.external-url={server.external_url}",
        "--web.route-prefix=/",
        "--log.level=warn",
    ]


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
