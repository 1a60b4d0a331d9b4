"""The configuration that the Prometheus Operator would generate for both servers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from release.files import write
from release.targets.local.plan.desired_state import (
    GATEWAY_NAMESPACE,
    AlertmanagerServer,
    Plan,
    PrometheusServer,
    ScrapeEndpoint,
    selects,
)
from release.targets.local.state.revisions import Instance


def prometheus_configuration(
    server: PrometheusServer, namespace: str, folder: Path, alertmanagers: Sequence[str]
) -> str:
    """Return prometheus.yml; scrape targets are in other files, so a redeploy needs no reload."""
    return yaml.safe_dump(
        {
            "global": {
                "scrape_interval": server.scrape_interval,
                "evaluation_interval": server.evaluation_interval,
                "external_labels": {
                    **server.external_labels,
                    "prometheus": f"{namespace}/{server.name}",
                },
            },
            "rule_files": [str(folder / "rules" / "*.yaml")],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]},
            "scrape_configs": [
                _scrape_config(scrape, namespace, folder) for scrape in server.scrapes
            ],
        },
        sort_keys=False,
    )


def _scrape_config(scrape: ScrapeEndpoint, namespace: str, folder: Path) -> dict[str, Any]:
    timeout = {"scrape_timeout": scrape.timeout} if scrape.timeout else {}
    return {
        "job_name": f"serviceMonitor/{namespace}/{scrape.monitor}",
        "metrics_path": scrape.path,
        "honor_labels": scrape.honor_labels,
        "scrape_interval": scrape.interval,
        **timeout,
        "file_sd_configs": [{"files": [str(targets_file(folder, scrape))]}],
    }


def targets_file(folder: Path, scrape: ScrapeEndpoint) -> Path:
    return folder / "targets" / f"{scrape.monitor}-{scrape.port}.json"


def write_targets(
    folder: Path, plan: Plan, server: PrometheusServer, instances: Sequence[Instance], gateway: int
) -> None:
    """Write the processes behind the Services that the monitors select, with the operator's labels.

    `gateway` is the port of Traefik's own metrics.
    """
    for scrape in server.scrapes:
        if scrape.namespace == GATEWAY_NAMESPACE:
            labels = {"job": "traefik", "namespace": GATEWAY_NAMESPACE, "pod": "gateway"}
            groups = [{"targets": [f"127.0.0.1:{gateway}"], "labels": labels}]
            write(targets_file(folder, scrape), json.dumps(groups, indent=1))
            continue
        groups = []
        for address in plan.addresses:
            if not selects(scrape.selector, address.labels) or scrape.port not in address.ports:
                continue
            for instance in instances:
                if selects(address.selector, instance.labels):
                    labels = {
                        "job": address.name,
                        "namespace": plan.namespace,
                        "service": address.name,
                        "endpoint": scrape.port,
                        "pod": instance.id,
                    }
                    target = f"127.0.0.1:{instance.ports[address.ports[scrape.port]]}"
                    groups.append({"targets": [target], "labels": labels})
        write(targets_file(folder, scrape), json.dumps(groups, indent=1))


def rule_files(folder: Path, rules: Mapping[str, str]) -> dict[Path, str]:
    """Return the rule files of a Prometheus with their contents."""
    return {folder / "rules" / name: text for name, text in rules.items()}


def prometheus_command(
    program: Path, server: PrometheusServer, configuration: Path, data: Path, port: int
) -> list[str | Path]:
    return [
        program,
        f"--config.file={configuration}",
        f"--storage.tsdb.path={data}",
        f"--storage.tsdb.retention.time={server.retention}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--web.external-url={server.external_url}",
        "--web.route-prefix=/",
        "--log.level=warn",
    ]


def alertmanager_configuration(server: AlertmanagerServer, secrets: Path) -> str:
    """Return the chart's configuration, with secrets in the state folder instead of a mount."""
    text = server.configuration
    for name in server.secrets:
        text = text.replace(f"/etc/alertmanager/secrets/{name}/", f"{secrets / name}/")
    return text


def alertmanager_command(
    program: Path,
    server: AlertmanagerServer,
    configuration: Path,
    data: Path,
    ports: Mapping[str, int],
    peers: Sequence[int],
) -> list[str | Path]:
    """Return the command; `peers` are the mesh ports of all replicas, none for a single one."""
    mesh = f"127.0.0.1:{ports['mesh']}" if "mesh" in ports else ""
    others = [f"--cluster.peer=127.0.0.1:{port}" for port in peers if port != ports.get("mesh")]
    return [
        program,
        f"--config.file={configuration}",
        f"--storage.path={data}",
        f"--data.retention={server.retention}",
        f"--web.listen-address=127.0.0.1:{ports['web']}",
        f"--web.external-url={server.external_url}",
        "--web.route-prefix=/",
        f"--cluster.listen-address={mesh}",
        *others,
        "--log.level=warn",
    ]
