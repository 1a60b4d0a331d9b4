"""Rendered objects -> a Plan. Pure: no files, no ports, no processes; the same objects give the
same plan.

What is not understood is an error that names it (see fields.py), never dropped.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from release.errors import UnsupportedError
from release.model.objects import Object
from release.targets.local.plan import addresses, fields, network, operator, workloads
from release.targets.local.plan.desired_state import GATEWAY_NAMESPACE, Backend, Plan
from release.targets.local.plan.labels import selects


def plan(objects: Sequence[Object], namespace: str) -> Plan:
    """What a release wants to have running. Raises UnsupportedError for anything that would be
    lost.
    """
    by_kind: dict[str, list[Object]] = defaultdict(list)
    for item in objects:
        fields.check(item, namespace)
        if not _is_test(item):
            by_kind[item["kind"]].append(item)
    prometheuses = tuple(operator.prometheus(item, by_kind) for item in by_kind["Prometheus"])
    alertmanagers = tuple(operator.alertmanager(item, by_kind) for item in by_kind["Alertmanager"])
    result = Plan(
        namespace,
        workloads=(
            *(workloads.deployment(item, namespace) for item in by_kind["Deployment"]),
            *(operator.operated(item, "prometheus", 9090) for item in by_kind["Prometheus"]),
            *(operator.operated(item, "alertmanager", 9093) for item in by_kind["Alertmanager"]),
        ),
        jobs=tuple(workloads.job(item, namespace) for item in by_kind["Job"]),
        addresses=tuple(addresses.address(item) for item in by_kind["Service"]),
        hosts=tuple(host for item in by_kind["Ingress"] for host in addresses.hosts(item)),
        routes=tuple(
            route for item in by_kind["IngressRoute"] for route in network.routes(item, namespace)
        ),
        splits=tuple(network.split(item, namespace) for item in by_kind["TraefikService"]),
        middlewares=dict(network.middleware(item) for item in by_kind["Middleware"]),
        prometheuses=prometheuses,
        alertmanagers=alertmanagers,
    )
    _check_references(result)
    return result


def _is_test(item: Object) -> bool:
    hook: str = item["metadata"].get("annotations", {}).get("helm.sh/hook", "")
    return hook == "test"


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
    routes += [
        (f"IngressRoute/{route.name}", route.to.service, route.to.port)
        for route in result.routes
        if isinstance(route.to, Backend) and route.to.namespace == result.namespace
    ]
    _check_entry(result)
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


def _check_entry(result: Plan) -> None:
    """What an IngressRoute names must be there; other releases' Services may come and go."""
    splits = {split.name for split in result.splits}
    for route in result.routes:
        if isinstance(route.to, str) and route.to not in splits:
            raise UnsupportedError(f"IngressRoute/{route.name}: no TraefikService/{route.to}")
        for name in route.middlewares:
            if name not in result.middlewares:
                raise UnsupportedError(f"IngressRoute/{route.name}: there is no Middleware/{name}")
