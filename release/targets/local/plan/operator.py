"""Prometheus and Alertmanager objects -> the pods and settings that the operator would make."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from release.errors import UnsupportedError
from release.model.objects import Object
from release.targets.local.plan.desired_state import (
    AlertmanagerServer,
    PrometheusServer,
    ScrapeEndpoint,
    Workload,
    name_of,
    selects,
)

_SCRAPE_SETTINGS = {
    "metrics_path": "path",
    "honor_labels": "honorLabels",
    "scrape_interval": "interval",
    "scrape_timeout": "scrapeTimeout",
}
"""prometheus.yml -> ServiceMonitor. Both leave the same defaults to Prometheus."""


def to_workload(item: Object, kind: str, port: int) -> Workload:
    """Return the pods that the operator would make, with the labels that it would give them."""
    name = name_of(item)
    labels = {
        "app.kubernetes.io/name": kind,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/managed-by": "prometheus-operator",
        f"operator.{kind}.io/name" if kind == "prometheus" else kind: name,
        kind: name,
    }
    ports = {item["spec"].get("portName", "web"): port}
    if item["spec"].get("replicas", 1) > 1 and kind == "alertmanager":
        ports["mesh"] = 9094
    return Workload(
        name=f"{kind}-{name}",
        kind=kind,
        replicas=item["spec"].get("replicas", 1),
        labels=labels,
        ports=ports,
        ready_port=next(iter(ports)),
        ready_path="/-/ready",
    )


def to_prometheus(item: Object, by_kind: Mapping[str, Sequence[Object]]) -> PrometheusServer:
    spec, name = item["spec"], name_of(item)
    monitors = _select(by_kind["ServiceMonitor"], spec.get("serviceMonitorSelector"))
    rules = _select(by_kind["PrometheusRule"], spec.get("ruleSelector"))
    return PrometheusServer(
        name=name,
        external_url=spec.get("externalUrl", ""),
        retention=spec.get("retention", "24h"),
        settings={
            "scrape_interval": spec.get("scrapeInterval", "30s"),
            "evaluation_interval": spec.get("evaluationInterval", "30s"),
            "external_labels": {
                **spec.get("externalLabels", {}),
                "prometheus": f"{item['metadata']['namespace']}/{name}",
            },
        },
        scrapes=tuple(scrape for monitor in monitors for scrape in _to_endpoints(monitor)),
        rules={
            f"{name_of(rule)}.yaml": yaml.safe_dump({"groups": rule["spec"]["groups"]})
            for rule in rules
        },
        alertmanagers=tuple(
            (target["name"], str(target["port"]))
            for target in spec.get("alerting", {}).get("alertmanagers", ())
        ),
    )


def _select(items: Sequence[Object], selector: Mapping[str, Any] | None) -> list[Object]:
    """Apply the operator's rule: no selector selects nothing, an empty one everything."""
    if selector is None:
        return []
    wanted = selector.get("matchLabels", {})
    return [item for item in items if selects(wanted, item["metadata"].get("labels", {}))]


def _to_endpoints(monitor: Object) -> list[ScrapeEndpoint]:
    return [
        ScrapeEndpoint(
            monitor=name_of(monitor),
            namespace=_monitored_namespace(monitor),
            selector=monitor["spec"]["selector"]["matchLabels"],
            port=endpoint["port"],
            settings={
                name: endpoint[field]
                for name, field in _SCRAPE_SETTINGS.items()
                if field in endpoint
            },
        )
        for endpoint in monitor["spec"]["endpoints"]
    ]


def _monitored_namespace(monitor: Object) -> str:
    """Return the namespace of the monitored Services, by default the monitor's own."""
    names: list[str] = monitor["spec"].get("namespaceSelector", {}).get("matchNames", [])
    if len(names) > 1:
        raise UnsupportedError(
            f"ServiceMonitor/{name_of(monitor)}: the local target looks into one namespace only"
        )
    return names[0] if names else str(monitor["metadata"]["namespace"])


def to_alertmanager(item: Object, by_kind: Mapping[str, Sequence[Object]]) -> AlertmanagerServer:
    spec, where = item["spec"], f"Alertmanager/{name_of(item)}"
    wanted = spec["configSecret"]
    secret = next((each for each in by_kind["Secret"] if name_of(each) == wanted), None)
    if secret is None:
        raise UnsupportedError(
            f"{where}: its configuration, Secret/{wanted}, is not in the release"
        )
    return AlertmanagerServer(
        name=name_of(item),
        external_url=spec.get("externalUrl", ""),
        retention=spec.get("retention", "120h"),
        configuration=_read_secret(secret, "alertmanager.yaml"),
        secrets=tuple(spec.get("secrets", ())),
    )


def _read_secret(secret: Object, key: str) -> str:
    if key in secret.get("stringData", {}):
        return str(secret["stringData"][key])
    return base64.b64decode(secret["data"][key]).decode()
