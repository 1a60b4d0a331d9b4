"""Decides which processes of the last revision stay, and which new ones a revision needs."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from release.targets.local.plan.desired_state import Plan, Workload
from release.targets.local.state.revisions import Instance


def schedule(
    plan: Plan,
    before: Sequence[Instance],
    number: int,
    images: Mapping[str, str],
    ports: Iterator[int],
) -> list[Instance]:
    """Return the instances of revision `number`; unchanged ones of `before` stay as they are.

    `images` names each image's content. A changed service gets an instance with an id of its own;
    Prometheus and Alertmanager keep id, ports and data, as the pods of a StatefulSet do.
    """
    free = list(before)
    instances = []
    for workload in plan.workloads:
        fingerprint = _fingerprint(workload, images)
        revision = f".r{number}" if workload.kind == "service" else ""
        for index in range(workload.replicas):
            name = f"{plan.namespace}.{workload.name}{revision}.{index}"
            unchanged = [
                item
                for item in free
                if (item.workload, item.fingerprint) == (workload.name, fingerprint)
                and (workload.kind == "service" or item.id == name)
            ]
            if unchanged:
                free.remove(unchanged[0])
                instances.append(unchanged[0])
            else:
                instances.append(_new_instance(name, workload, fingerprint, free, ports))
    return instances


def _new_instance(
    name: str,
    workload: Workload,
    fingerprint: str,
    before: Sequence[Instance],
    ports: Iterator[int],
) -> Instance:
    kept = next((item.ports for item in before if item.id == name), {})
    if set(kept) != set(workload.ports):
        kept = {port: next(ports) for port in workload.ports}
    return Instance(
        id=name,
        workload=workload.name,
        kind=workload.kind,
        fingerprint=fingerprint,
        labels=dict(workload.labels),
        ports=kept,
        ready_port=workload.ready_port,
        ready_path=workload.ready_path,
        stop_delay=workload.stop_delay,
        grace=workload.grace,
    )


def _fingerprint(workload: Workload, images: Mapping[str, str]) -> str:
    """Return a hash of everything that a running process cannot adopt."""
    facts = asdict(workload) | {
        "replicas": None,
        "image": images.get(workload.image, workload.image),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
