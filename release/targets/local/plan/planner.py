"""Rendered objects -> a Plan. Pure: no files, no ports, no processes.

An object or a field that is neither understood nor known to be inert (fields.yaml) is an error.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from release.errors import UnsupportedError
from release.model.objects import Object
from release.targets.local.plan import operator, traefik_config, workloads
from release.targets.local.plan.desired_state import GATEWAY_NAMESPACE, Plan, selects

_HOOKS = {"test", "pre-install,pre-upgrade"}


def make_plan(objects: Sequence[Object], namespace: str) -> Plan:
    """Return the plan of a release. Raises UnsupportedError for objects that it cannot express."""
    by_kind: dict[str, list[Object]] = defaultdict(list)
    for item in objects:
        _check_fields(item, namespace)
        if item["metadata"].get("annotations", {}).get("helm.sh/hook") != "test":
            by_kind[item["kind"]].append(item)
    addresses = tuple(traefik_config.to_address(item) for item in by_kind["Service"])
    plan = Plan(
        namespace,
        workloads=(
            *(workloads.to_workload(item, namespace) for item in by_kind["Deployment"]),
            *(operator.to_workload(item, "prometheus", 9090) for item in by_kind["Prometheus"]),
            *(operator.to_workload(item, "alertmanager", 9093) for item in by_kind["Alertmanager"]),
        ),
        jobs=tuple(workloads.to_job(item, namespace) for item in by_kind["Job"]),
        addresses=addresses,
        routing=traefik_config.to_routing(by_kind, namespace, addresses),
        public_hosts=traefik_config.to_public_hosts(by_kind),
        prometheuses=tuple(operator.to_prometheus(item, by_kind) for item in by_kind["Prometheus"]),
        alertmanagers=tuple(
            operator.to_alertmanager(item, by_kind) for item in by_kind["Alertmanager"]
        ),
    )
    _check_references(plan)
    return plan


def _check_fields(item: Object, namespace: str) -> None:
    """Raise UnsupportedError for a kind or a field that the local target does not understand."""
    kind, name = item["kind"], item["metadata"]["name"]
    where = f"{kind}/{name}"
    if kind not in _read_table():
        raise UnsupportedError(f"{where}: the local target does not know the kind {kind}")
    elsewhere = item["metadata"].get("namespace", namespace) != namespace
    if elsewhere and not isinstance(_read_table()[kind], str):
        raise UnsupportedError(f"{where}: it is meant for another namespace than {namespace}")
    hook = item["metadata"].get("annotations", {}).get("helm.sh/hook")
    if (
        (hook and hook not in _HOOKS)
        or (kind == "Pod" and hook != "test")
        or (kind == "Job" and hook == "test")
    ):
        raise UnsupportedError(
            f"{where}: the local target has no use for a {kind} with the hook {hook}"
        )
    rules = _read_table()[kind]
    if isinstance(rules, str):
        return
    known = ["apiVersion", "kind", "metadata", *rules["understood"], *rules.get("inert", {})]
    for path in _leaves(item):
        if not any(path == prefix or path.startswith(f"{prefix}.") for prefix in known):
            raise UnsupportedError(
                f"{where}: the local target does not understand the field {path}"
            )


@cache
def _read_table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("fields.yaml").read_text())
    return table


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every value, without list positions."""
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from _leaves(below, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for below in value:
            yield from _leaves(below, path)
    elif value not in (None, {}, []):
        yield path


def _check_references(plan: Plan) -> None:
    """Refuse a Service without pods and a reference to nowhere: a cluster would not say a word."""
    for address in plan.addresses:
        selected = [work for work in plan.workloads if selects(address.selector, work.labels)]
        if not selected:
            raise UnsupportedError(
                f"Service/{address.name}: its selector matches no pod of the release"
            )
        for target in address.ports.values():
            if target not in selected[0].ports and not re.fullmatch(r"\d+", target):
                raise UnsupportedError(f"Service/{address.name}: its pods have no port {target!r}")
    for server in plan.prometheuses:
        for service, port in server.alertmanagers:
            traefik_config.check_port(plan.addresses, service, port, f"Prometheus/{server.name}")
        for scrape in server.scrapes:
            if scrape.namespace not in (plan.namespace, GATEWAY_NAMESPACE):
                raise UnsupportedError(
                    f"ServiceMonitor/{scrape.monitor}: its namespace {scrape.namespace} is neither "
                    f"the release's own nor {GATEWAY_NAMESPACE}, the gateway's"
                )
