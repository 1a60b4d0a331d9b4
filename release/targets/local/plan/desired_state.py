"""The parts of a Plan: processes, jobs, addresses, routes and monitoring. It has no ports yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from release.model.objects import Object

_HOST = re.compile(r"\bHost\(`([^`]+)`\)")

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
class Host:
    """A public host name, and the Service port behind it."""

    host: str
    service: str
    port: str


@dataclass(frozen=True)
class Backend:
    """One port of a Service of any release, and its weight."""

    namespace: str
    service: str
    port: str
    weight: int = 1


@dataclass(frozen=True)
class Cookie:
    """The cookie that keeps a visitor at one backend."""

    name: str
    max_age: int
    path: str
    http_only: bool
    same_site: str
    secure: bool


@dataclass(frozen=True)
class Split:
    """A TraefikService: requests shared among backends by weight."""

    name: str
    backends: tuple[Backend, ...]
    cookie: Cookie | None


@dataclass(frozen=True)
class Route:
    """A rule of an IngressRoute: matching requests go to a backend or a split."""

    name: str
    match: str
    priority: int
    entry_points: tuple[str, ...]
    middlewares: tuple[str, ...]
    to: Backend | str  # str: the name of a split of the release


@dataclass(frozen=True)
class ScrapeEndpoint:
    """An endpoint of a ServiceMonitor."""

    monitor: str
    namespace: str
    selector: Mapping[str, str]
    port: str
    path: str
    interval: str
    timeout: str
    honor_labels: bool


@dataclass(frozen=True)
class PrometheusServer:
    """A Prometheus object, with the monitors and rules that it selects."""

    name: str
    external_url: str
    external_labels: Mapping[str, str]
    scrape_interval: str
    evaluation_interval: str
    retention: str
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
    hosts: tuple[Host, ...]
    routes: tuple[Route, ...]
    splits: tuple[Split, ...]
    middlewares: Mapping[str, Mapping[str, Any]]  # name -> specification
    prometheuses: tuple[PrometheusServer, ...]
    alertmanagers: tuple[AlertmanagerServer, ...]

    @property
    def public_hosts(self) -> list[str]:
        """Every host name for people, once each; routes to a notice are left out."""
        named = [host.host for host in self.hosts]
        shared = [route for route in self.routes if isinstance(route.to, str)]
        named += [name for route in shared for name in re.findall(_HOST, route.match)]
        return list(dict.fromkeys(named))

    @property
    def images(self) -> set[str]:
        """The images of all workloads and jobs."""
        images = {workload.image for workload in self.workloads} | {job.image for job in self.jobs}
        return images - {""}
