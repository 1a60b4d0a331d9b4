"""Rendered objects -> a Plan. Pure: no files, no ports, no processes.

An object that is not understood is an error (see fields.py); nothing is dropped.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from release.errors import UnsupportedError
from release.model.objects import Object
from release.targets.local.plan import fields, operator, traefik_config, workloads
from release.targets.local.plan.desired_state import GATEWAY_NAMESPACE, Plan, selects


def make_plan(objects: Sequence[Object], namespace: str) -> Plan:
    """Return the plan of a release. Raises UnsupportedError for objects that it cannot express."""
    by_kind: dict[str, list[Object]] = defaultdict(list)
    for item in objects:
        fields.check_fields(item, namespace)
        if not _is_test(item):
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


def _is_test(item: Object) -> bool:
    hook: str = item["metadata"].get("annotations", {}).get("helm.sh/hook", "")
    return hook == "test"


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
