"""Rendered objects -> a Plan. Pure: no files, no ports, no processes; the same objects give the
same plan.

What is not understood is an error that names it (see fields.py), never dropped.
"""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from release.charts import Object
from release.errors import UnsupportedError
from release.targets.local import fields
from release.targets.local.model import (
    Address,
    Alertmanager,
    Host,
    Job,
    Plan,
    Prometheus,
    Scrape,
    Secret,
    Workload,
)


def plan(objects: Sequence[Object], namespace: str) -> Plan:
    """What a release wants to have running. Raises UnsupportedError for anything that would be
    lost.
    """
    by_kind: dict[str, list[Object]] = defaultdict(list)
    for item in objects:
        fields.check(item, namespace)
        if not _is_test(item):
            by_kind[item["kind"]].append(item)
    prometheuses = tuple(_prometheus(item, by_kind) for item in by_kind["Prometheus"])
    alertmanagers = tuple(_alertmanager(item, by_kind) for item in by_kind["Alertmanager"])
    result = Plan(
        namespace,
        workloads=(
            *(_deployment(item, namespace) for item in by_kind["Deployment"]),
            *(_operated(item, "prometheus", 9090) for item in by_kind["Prometheus"]),
            *(_operated(item, "alertmanager", 9093) for item in by_kind["Alertmanager"]),
        ),
        jobs=tuple(_job(item, namespace) for item in by_kind["Job"]),
        addresses=tuple(_address(item) for item in by_kind["Service"]),
        hosts=tuple(host for item in by_kind["Ingress"] for host in _hosts(item)),
        prometheuses=prometheuses,
        alertmanagers=alertmanagers,
    )
    _check_references(result)
    return result


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every wanted label is there."""
    return selector.items() <= labels.items()


def _is_test(item: Object) -> bool:
    hook: str = item["metadata"].get("annotations", {}).get("helm.sh/hook", "")
    return hook == "test"


def _name(item: Object) -> str:
    return str(item["metadata"]["name"])


def _deployment(item: Object, namespace: str) -> Workload:
    spec, where = item["spec"], f"Deployment/{_name(item)}"
    pod = spec["template"]
    labels = pod["metadata"]["labels"]
    if not selects(spec["selector"]["matchLabels"], labels):
        raise UnsupportedError(f"{where}: its selector does not match its own pods")
    container = _container(pod["spec"], where)
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
    environment = _environment(container, namespace, where)
    for port in ports:
        if _port_variable(port) not in environment:
            raise UnsupportedError(
                f"{where}: port {port!r} cannot be moved, "
                f"since no {_port_variable(port)} tells the process where to listen"
            )
    ready = container["readinessProbe"]
    startup = container.get("startupProbe", ready)
    return Workload(
        name=_name(item),
        kind="service",
        replicas=spec.get("replicas", 1),
        labels=labels,
        ports=ports,
        ready_port=ready["httpGet"]["port"],
        ready_path=ready["httpGet"]["path"],
        image=container["image"],
        command=tuple(container["command"]),
        environment=environment,
        # As the kubelet: so many failures, so far apart, and the pod has failed to start.
        ready_limit=startup.get("failureThreshold", 3) * startup.get("periodSeconds", 10),
        stop_delay=container.get("lifecycle", {})
        .get("preStop", {})
        .get("sleep", {})
        .get("seconds", 0),
        grace=pod["spec"].get("terminationGracePeriodSeconds", 30),
    )


def _port_variable(port: str) -> str:
    """The environment variable that moves a container port: `http` -> HTTP_PORT."""
    return f"{port.upper().replace('-', '_')}_PORT"


def with_ports(environment: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """A pod has an address of its own; processes share one, so each gets ports of its own on
    loopback.
    """
    moved = {_port_variable(name): str(number) for name, number in ports.items()}
    return {**environment, **moved, "BIND_ADDRESS": "127.0.0.1"}


def _operated(item: Object, kind: str, port: int) -> Workload:
    """The pods that the Prometheus Operator would make, with the labels that it would give them."""
    name = _name(item)
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


def _job(item: Object, namespace: str) -> Job:
    where = f"Job/{_name(item)}"
    container = _container(item["spec"]["template"]["spec"], where)
    return Job(
        name=_name(item),
        image=container["image"],
        command=tuple(container["command"]),
        environment=_environment(container, namespace, where),
        limit=item["spec"].get("activeDeadlineSeconds", 120),
    )


def _container(pod: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    containers = pod["containers"]
    if len(containers) != 1:
        raise UnsupportedError(
            f"{where}: {len(containers)} containers in a pod; the local target runs one"
        )
    container: Mapping[str, Any] = containers[0]
    if "command" not in container:
        raise UnsupportedError(
            f"{where}: no command; there is no image here whose entry point could be asked"
        )
    return container


def _environment(
    container: Mapping[str, Any], namespace: str, where: str
) -> dict[str, str | Secret]:
    environment: dict[str, str | Secret] = {}
    for entry in container.get("env", ()):
        name, source = entry["name"], entry.get("valueFrom", {})
        if "secretKeyRef" in source:
            environment[name] = Secret(
                source["secretKeyRef"]["name"], source["secretKeyRef"]["key"]
            )
        elif source.get("fieldRef", {}).get("fieldPath") == "metadata.namespace":
            environment[name] = namespace
        elif source:
            raise UnsupportedError(f"{where}: environment variable {name} comes from {source}")
        else:
            environment[name] = str(entry.get("value", ""))
    return environment


def _address(item: Object) -> Address:
    ports: dict[str, str] = {}
    for port in item["spec"]["ports"]:
        target = str(port.get("targetPort", port["port"]))
        ports[str(port["port"])] = target
        if "name" in port:
            ports[port["name"]] = target
    labels = item["metadata"].get("labels", {})
    return Address(_name(item), labels, item["spec"]["selector"], ports)


def _hosts(item: Object) -> list[Host]:
    found = []
    for rule in item["spec"]["rules"]:
        paths = rule["http"]["paths"]
        if [(path["path"], path["pathType"]) for path in paths] != [("/", "Prefix")]:
            raise UnsupportedError(
                f"Ingress/{_name(item)}: only the path / with pathType Prefix is understood"
            )
        backend = paths[0]["backend"]["service"]
        port = backend["port"].get("name") or str(backend["port"]["number"])
        found.append(Host(rule["host"], backend["name"], port))
    return found


def _prometheus(item: Object, by_kind: Mapping[str, Sequence[Object]]) -> Prometheus:
    spec = item["spec"]
    monitors = _selected(by_kind.get("ServiceMonitor", ()), spec.get("serviceMonitorSelector"))
    rules = _selected(by_kind.get("PrometheusRule", ()), spec.get("ruleSelector"))
    return Prometheus(
        name=_name(item),
        external_url=spec["externalUrl"],
        external_labels=spec.get("externalLabels", {}),
        scrape_interval=spec.get("scrapeInterval", "30s"),
        evaluation_interval=spec.get("evaluationInterval", "30s"),
        retention=spec.get("retention", "24h"),
        scrapes=tuple(scrape for monitor in monitors for scrape in _scrapes(monitor, spec)),
        rules={
            f"{_name(rule)}.yaml": yaml.safe_dump({"groups": rule["spec"]["groups"]})
            for rule in rules
        },
        alertmanagers=tuple(
            (target["name"], str(target["port"]))
            for target in spec.get("alerting", {}).get("alertmanagers", ())
        ),
    )


def _selected(items: Sequence[Object], selector: Mapping[str, Any] | None) -> list[Object]:
    """The operator's rule: no selector selects nothing, an empty one everything."""
    if selector is None:
        return []
    wanted = selector.get("matchLabels", {})
    return [item for item in items if selects(wanted, item["metadata"].get("labels", {}))]


def _scrapes(monitor: Object, prometheus: Mapping[str, Any]) -> list[Scrape]:
    default = prometheus.get("scrapeInterval", "30s")
    return [
        Scrape(
            monitor=_name(monitor),
            selector=monitor["spec"]["selector"]["matchLabels"],
            port=endpoint["port"],
            path=endpoint.get("path", "/metrics"),
            interval=endpoint.get("interval", default),
            timeout=endpoint.get("scrapeTimeout", ""),
            honor_labels=endpoint.get("honorLabels", False),
        )
        for endpoint in monitor["spec"]["endpoints"]
    ]


def _alertmanager(item: Object, by_kind: Mapping[str, Sequence[Object]]) -> Alertmanager:
    spec, where = item["spec"], f"Alertmanager/{_name(item)}"
    wanted = spec["configSecret"]
    for secret in by_kind.get("Secret", ()):
        if _name(secret) == wanted:
            return Alertmanager(
                name=_name(item),
                external_url=spec["externalUrl"],
                retention=spec.get("retention", "120h"),
                configuration=_secret_text(secret, "alertmanager.yaml"),
                secrets=tuple(spec.get("secrets", ())),
            )
    raise UnsupportedError(f"{where}: its configuration, Secret/{wanted}, is not in the release")


def _secret_text(secret: Object, key: str) -> str:
    if key in secret.get("stringData", {}):
        return str(secret["stringData"][key])
    return base64.b64decode(secret["data"][key]).decode()


def _check_references(result: Plan) -> None:
    """A Service nobody answers for, or a route to nowhere, would be silent on a cluster and is an
    error here.
    """
    addresses = {address.name: address for address in result.addresses}
    for address in result.addresses:
        selected = [work for work in result.workloads if selects(address.selector, work.labels)]
        if not selected:
            raise UnsupportedError(
                f"Service/{address.name}: its selector matches no pod of the release"
            )
        for target in address.ports.values():
            if target not in selected[0].ports and not re.fullmatch(r"\d+", target):
                raise UnsupportedError(f"Service/{address.name}: its pods have no port {target!r}")
    routes = [(f"host {host.host}", host.service, host.port) for host in result.hosts]
    for server in result.prometheuses:
        routes += [(f"Prometheus/{server.name}", name, port) for name, port in server.alertmanagers]
    for where, service, port in routes:
        if service not in addresses or port not in addresses[service].ports:
            raise UnsupportedError(f"{where}: there is no Service/{service} with port {port!r}")
