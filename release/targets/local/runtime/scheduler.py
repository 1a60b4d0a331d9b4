"""Decides which processes of the last revision stay, and which new ones a revision needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from release.targets.local.plan.desired_state import Plan, Workload
from release.targets.local.runtime.ports import PortAllocator
from release.targets.local.state.revisions import Instance, LocalRevision


def schedule(
    plan: Plan,
    before: LocalRevision | None,
    number: int,
    digests: Mapping[str, str],
    ports: PortAllocator,
) -> list[Instance]:
    """Return the instances of revision `number`; unchanged ones of `before` stay as they are.

    `digests` names each image's content. A changed service gets an instance with an id of its own;
    Prometheus and Alertmanager keep id, ports and data, as the pods of a StatefulSet do.
    """
    free = list(before.instances) if before else []
    instances = []
    for workload in plan.workloads:
        fingerprint = _fingerprint(workload, digests)
        for index in range(workload.replicas):
            found = next(
                (item for item in free if _is_same(item, workload, index, fingerprint)), None
            )
            if found:
                free.remove(found)
            instances.append(
                found
                or _new_instance(plan.namespace, workload, index, number, fingerprint, free, ports)
            )
    return instances


def _is_same(item: Instance, workload: Workload, index: int, fingerprint: str) -> bool:
    if workload.kind != "service" and not item.id.endswith(f".{index}"):
        return False
    return item.workload == workload.name and item.fingerprint == fingerprint


def _new_instance(
    namespace: str,
    workload: Workload,
    index: int,
    number: int,
    fingerprint: str,
    free: list[Instance],
    ports: PortAllocator,
) -> Instance:
    revision = f".r{number}" if workload.kind == "service" else ""
    name = f"{namespace}.{workload.name}{revision}.{index}"
    predecessor = next((item for item in free if item.id == name), None)
    if predecessor and set(predecessor.ports) == set(workload.ports):
        taken = predecessor.ports
    else:
        taken = {port: ports.allocate() for port in workload.ports}
    return Instance(
        id=name,
        workload=workload.name,
        kind=workload.kind,
        fingerprint=fingerprint,
        labels=dict(workload.labels),
        ports=taken,
        ready_port=workload.ready_port,
        ready_path=workload.ready_path,
        stop_delay=workload.stop_delay,
        grace=workload.grace,
    )


def _fingerprint(workload: Workload, digests: Mapping[str, str]) -> str:
    """Return a hash of everything that a running process cannot adopt."""
    facts = asdict(workload) | {
        "replicas": None,
        "image": digests.get(workload.image, workload.image),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
