"""The parts of a Plan: processes, jobs, addresses, routing and monitoring. It has no ports yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from release.model.objects import Object

GATEWAY_NAMESPACE = "traefik"
"""The namespace of Traefik: a ServiceMonitor names it to have the gateway scraped."""


def name_of(item: Object) -> str:
    """Return the name of an object."""
    return str(item["metadata"]["name"])


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """True if the labels include every pair of the selector."""
    return selector.items() <= labels.items()


@dataclass(frozen=True)
class Secret:
    """A key of a Secret, as the value of an environment variable."""

    name: str
    key: str


@dataclass(frozen=True)
class Workload:
    """A pod template: `replicas` processes, each with its own ports."""

    name: str
    kind: str  # service, prometheus or alertmanager
    replicas: int
    labels: Mapping[str, str]
    ports: Mapping[str, int]
    ready_port: str
    ready_path: str
    image: str = ""
    command: tuple[str, ...] = ()
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    ready_limit: float = 60
    stop_delay: float = 0
    grace: float = 30


@dataclass(frozen=True)
class Job:
    """A command that must succeed before anything else changes."""

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str | Secret]
    limit: float


@dataclass(frozen=True)
class Address:
    """A Service: a stable name for the ports of the workloads that it selects."""

    name: str
    labels: Mapping[str, str]
    selector: Mapping[str, str]
    ports: Mapping[str, str]  # the Service's port, by name and by number -> the pod's port name


@dataclass(frozen=True)
class ScrapeEndpoint:
    """An endpoint of a ServiceMonitor."""

    monitor: str
    namespace: str
    selector: Mapping[str, str]
    port: str
    settings: Mapping[str, Any]  # in the words of prometheus.yml


@dataclass(frozen=True)
class PrometheusServer:
    """A Prometheus object, with the monitors and rules that it selects."""

    name: str
    external_url: str
    retention: str
    settings: Mapping[str, Any]  # the section `global` of prometheus.yml
    scrapes: tuple[ScrapeEndpoint, ...]
    rules: Mapping[str, str]  # file name -> content
    alertmanagers: tuple[tuple[str, str], ...]  # Service name, port


@dataclass(frozen=True)
class AlertmanagerServer:
    """An Alertmanager object, with its configuration file."""

    name: str
    external_url: str
    retention: str
    configuration: str
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that a release consists of."""

    namespace: str
    workloads: tuple[Workload, ...]
    jobs: tuple[Job, ...]
    addresses: tuple[Address, ...]
    public_hosts: tuple[str, ...]
    routing: Mapping[str, Mapping[str, Any]]  # a section of Traefik's configuration -> its parts
    prometheuses: tuple[PrometheusServer, ...]
    alertmanagers: tuple[AlertmanagerServer, ...]

    @property
    def images(self) -> set[str]:
        """The images of all workloads and jobs."""
        images = {workload.image for workload in self.workloads} | {job.image for job in self.jobs}
        return images - {""}
