"""The status of a target: plain facts, ready for a table or for JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Process:
    """One process of a release, running or not."""

    name: str
    state: str
    pid: int
    restarts: int
    started: float


@dataclass(frozen=True)
class Alert:
    """A firing alert, from the Alertmanager of one component."""

    component: str
    name: str
    severity: str
    since: str
    summary: str


@dataclass(frozen=True)
class ReleaseStatus:
    """The status of one release."""

    namespace: str
    version: int
    chart_version: str
    revision: int
    deployed_at: float
    reason: str
    processes: list[Process]
    urls: list[str]
    alerts: list[Alert]
    unreachable: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class TargetStatus:
    """Everything that a target runs, and the problems of the target itself."""

    target: str
    problems: list[str]
    gateway: str
    releases: list[ReleaseStatus]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
