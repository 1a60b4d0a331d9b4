"""Rendered objects -> a Plan. Pure: no files, no ports, no processes.

An object that is not understood is an error (see fields.py); nothing is dropped.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from release.errors import UnsupportedError
from release.model.objects import Object
from release.targets.local.plan import fields, network, operator, workloads
from release.targets.local.plan.desired_state import (
    GATEWAY_NAMESPACE,
    Backend,
    Plan,
    name_of,
    selects,
)


def make_plan(objects: Sequence[Object], namespace: str) -> Plan:
    """Return the plan of a release. Raises UnsupportedError for objects that it cannot express."""
    by_kind: dict[str, list[Object]] = defaultdict(list)
    for item in objects:
        fields.check_fields(item, namespace)
        if not _is_test(item):
            by_kind[item["kind"]].append(item)
    prometheuses = tuple(operator.to_prometheus(item, by_kind) for item in by_kind["Prometheus"])
    alertmanagers = tuple(
        operator.to_alertmanager(item, by_kind) for item in by_kind["Alertmanager"]
    )
    result = Plan(
        namespace,
        workloads=(
            *(workloads.to_workload(item, namespace) for item in by_kind["Deployment"]),
            *(operator.to_workload(item, "prometheus", 9090) for item in by_kind["Prometheus"]),
            *(operator.to_workload(item, "alertmanager", 9093) for item in by_kind["Alertmanager"]),
        ),
        jobs=tuple(workloads.to_job(item, namespace) for item in by_kind["Job"]),
        addresses=tuple(network.to_address(item) for item in by_kind["Service"]),
        hosts=tuple(host for item in by_kind["Ingress"] for host in network.to_hosts(item)),
        routes=tuple(
            route
            for item in by_kind["IngressRoute"]
            for route in network.to_routes(item, namespace)
        ),
        splits=tuple(network.to_split(item, namespace) for item in by_kind["TraefikService"]),
        middlewares={name_of(item): item["spec"] for item in by_kind["Middleware"]},
        prometheuses=prometheuses,
        alertmanagers=alertmanagers,
    )
    _check_references(result)
    return result


def _is_test(item: Object) -> bool:
    hook: str = item["metadata"].get("annotations", {}).get("helm.sh/hook", "")
    return hook == "test"


def _check_references(result: Plan) -> None:
    """Refuse a Service without pods and a route to nowhere: a cluster would not say a word."""
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
    routes += [
        (f"IngressRoute/{route.name}", route.to.service, route.to.port)
        for route in result.routes
        if isinstance(route.to, Backend) and route.to.namespace == result.namespace
    ]
    _check_routes(result)
    for server in result.prometheuses:
        for scrape in server.scrapes:
            if scrape.namespace not in (result.namespace, GATEWAY_NAMESPACE):
                raise UnsupportedError(
                    f"ServiceMonitor/{scrape.monitor}: its namespace {scrape.namespace} is neither "
                    f"the release's own nor {GATEWAY_NAMESPACE}, the gateway's"
                )
    for where, service, port in routes:
        if service not in addresses or port not in addresses[service].ports:
            raise UnsupportedError(f"{where}: there is no Service/{service} with port {port!r}")


def _check_routes(result: Plan) -> None:
    """Refuse an IngressRoute that names a missing TraefikService or Middleware."""
    splits = {split.name for split in result.splits}
    for route in result.routes:
        if isinstance(route.to, str) and route.to not in splits:
            raise UnsupportedError(f"IngressRoute/{route.name}: no TraefikService/{route.to}")
        for name in route.middlewares:
            if name not in result.middlewares:
                raise UnsupportedError(f"IngressRoute/{route.name}: there is no Middleware/{name}")
