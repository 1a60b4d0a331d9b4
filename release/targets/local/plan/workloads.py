"""Deployments and Jobs -> workloads and jobs."""

from collections.abc import Mapping
from typing import Any

from release.errors import UnsupportedError
from release.model.objects import Object
from release.targets.local.plan.desired_state import Job, Secret, Workload, name_of, selects


def to_workload(item: Object, namespace: str) -> Workload:
    spec, where = item["spec"], f"Deployment/{name_of(item)}"
    pod = spec["template"]
    labels = pod["metadata"]["labels"]
    if not selects(spec["selector"]["matchLabels"], labels):
        raise UnsupportedError(f"{where}: its selector does not match its own pods")
    container = _sole_container(pod["spec"], where)
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
    environment = _to_environment(container, namespace, where)
    for port in ports:
        if _port_variable(port) not in environment:
            raise UnsupportedError(
                f"{where}: port {port!r} cannot be moved, "
                f"since no {_port_variable(port)} tells the process where to listen"
            )
    ready = container["readinessProbe"]
    startup = container.get("startupProbe", ready)
    pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {})
    return Workload(
        name=name_of(item),
        kind="service",
        replicas=spec.get("replicas", 1),
        labels=labels,
        ports=ports,
        ready_port=ready["httpGet"]["port"],
        ready_path=ready["httpGet"]["path"],
        image=container["image"],
        command=tuple(container["command"]),
        environment=environment,
        # As the kubelet does: after so many failed probes the pod has failed to start.
        ready_limit=startup.get("failureThreshold", 3) * startup.get("periodSeconds", 10),
        stop_delay=pause.get("seconds", 0),
        grace=pod["spec"].get("terminationGracePeriodSeconds", 30),
    )


def _port_variable(port: str) -> str:
    """The environment variable that moves a container port: `http` -> HTTP_PORT."""
    return f"{port.upper().replace('-', '_')}_PORT"


def with_ports(environment: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """Tell a process its ports on loopback: processes share one address, pods do not."""
    moved = {_port_variable(name): str(number) for name, number in ports.items()}
    return {**environment, **moved, "BIND_ADDRESS": "127.0.0.1"}


def to_job(item: Object, namespace: str) -> Job:
    where = f"Job/{name_of(item)}"
    container = _sole_container(item["spec"]["template"]["spec"], where)
    return Job(
        name=name_of(item),
        image=container["image"],
        command=tuple(container["command"]),
        environment=_to_environment(container, namespace, where),
        limit=item["spec"].get("activeDeadlineSeconds", 120),
    )


def _sole_container(pod: Mapping[str, Any], where: str) -> Mapping[str, Any]:
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


def _to_environment(
    container: Mapping[str, Any], namespace: str, where: str
) -> dict[str, str | Secret]:
    environment: dict[str, str | Secret] = {}
    for entry in container.get("env", ()):
        name, source = entry["name"], entry.get("valueFrom", {})
        if "secretKeyRef" in source:
            reference = source["secretKeyRef"]
            environment[name] = Secret(reference["name"], reference["key"])
        elif source.get("fieldRef", {}).get("fieldPath") == "metadata.namespace":
            environment[name] = namespace
        elif source:
            raise UnsupportedError(f"{where}: environment variable {name} comes from {source}")
        else:
            environment[name] = str(entry.get("value", ""))
    return environment
