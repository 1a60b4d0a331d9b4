"""What the local target makes of rendered objects: processes, one-shot jobs, addresses, hosts,
monitoring. No ports yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_HOST = re.compile(r"\bHost\(`([^`]+)`\)")

GATEWAY_NAMESPACE = "traefik"
"""Where Traefik counts as running: what a ServiceMonitor names to have the gateway scraped."""


@dataclass(frozen=True)
class Secret:
    """An environment value that lies in a Secret."""

    name: str
    key: str


@dataclass(frozen=True)
class Workload:
    """A pod template: `replicas` equal processes, each with its own ports."""

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
    """A command to run to completion before anything else changes."""

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str | Secret]
    limit: float


@dataclass(frozen=True)
class Address:
    """A Service: a stable name for the ports of every workload whose labels it selects."""

    name: str
    labels: Mapping[str, str]
    selector: Mapping[str, str]
    ports: Mapping[
        str, str
    ]  # the Service's port (by name and by number) -> the workload's port name


@dataclass(frozen=True)
class Host:
    """A public host name, and the Service port that answers for it."""

    host: str
    service: str
    port: str


@dataclass(frozen=True)
class Backend:
    """One port of a Service, of this release or of another, and its share of the requests."""

    namespace: str
    service: str
    port: str
    weight: int = 1


@dataclass(frozen=True)
class Cookie:
    """Keeps a visitor at the backend that was chosen first."""

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
    """A rule of an IngressRoute: who asks for what is answered by a backend or by a split."""

    name: str
    match: str
    priority: int
    entry_points: tuple[str, ...]
    middlewares: tuple[str, ...]
    to: Backend | str  # str: the name of a split of the release


@dataclass(frozen=True)
class ScrapeEndpoint:
    """A ServiceMonitor's endpoint: which Services of which namespace, which of their ports, how."""

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
class Alertmanager:
    """An Alertmanager object, with its configuration file."""

    name: str
    external_url: str
    retention: str
    configuration: str
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that a release wants to have running."""

    namespace: str
    workloads: tuple[Workload, ...]
    jobs: tuple[Job, ...]
    addresses: tuple[Address, ...]
    hosts: tuple[Host, ...]
    routes: tuple[Route, ...]
    splits: tuple[Split, ...]
    middlewares: Mapping[str, Mapping[str, Any]]  # name -> what Traefik is to do
    prometheuses: tuple[PrometheusServer, ...]
    alertmanagers: tuple[Alertmanager, ...]

    @property
    def public_hosts(self) -> list[str]:
        """Every host name that a person would open, once each; notices are not for opening."""
        named = [host.host for host in self.hosts]
        shared = [route for route in self.routes if isinstance(route.to, str)]
        named += [name for route in shared for name in re.findall(_HOST, route.match)]
        return list(dict.fromkeys(named))

    @property
    def images(self) -> set[str]:
        """Every image that something runs."""
        found = {workload.image for workload in self.workloads} | {job.image for job in self.jobs}
        return found - {""}
