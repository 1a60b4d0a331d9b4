"""What every target can do. The commands know no more of one than this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from release.clients.prometheus import Prometheus
from release.model.names import Names
from release.model.release import Deployed, Record, Release
from release.model.status import Report


class Target(Protocol):
    """Releases somewhere: as processes of this machine, or in a cluster."""

    @property
    def tools(self) -> Sequence[str]:
        """The programs that this target needs."""

    @property
    def names(self) -> Names:
        """What the shop calls its things."""

    @property
    def cache(self) -> Path:
        """Where built charts may be kept."""

    @property
    def settling(self) -> int:
        """Seconds that it may take to replace what runs of a release."""

    def exists(self) -> bool:
        """Whether anything was ever deployed."""

    def check(self) -> None:
        """Whether a deployment could begin. Raises ReleaseError, and changes nothing."""

    def lock(self, doing: str, wait: float = 0) -> AbstractContextManager[None]:
        """Hold everything of the target while changing it, waiting so many seconds for others."""

    def shifting(self, doing: str) -> AbstractContextManager[None]:
        """Be the only one who shifts traffic, while others may deploy. Raises LockedError."""

    def values(self, namespace: str, version: int, domain: str, *, slack: bool) -> dict[str, Any]:
        """What the target adds to the values of a version's release."""

    def entrypoint_values(self, domain: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """What the target adds to the values of the entry point, which has those `recorded`."""

    def apply(
        self,
        release: Release,
        tools: Mapping[str, Path],
        *,
        slack_webhook_url: str | None = None,
        keeps_code: bool = False,
    ) -> None:
        """Make the release run, beside whatever else does."""

    def reroute(self, release: Release, tools: Mapping[str, Path]) -> None:
        """Change nothing but routes: quick, and possible while other things are broken."""

    def undo(self, namespace: str, tools: Mapping[str, Path]) -> int:
        """Make what a release was before its last revision run again; that revision's number.
        0 when there was none: then nothing has changed.
        """

    def current(self, namespace: str) -> Deployed | None:
        """The revision of a release that runs, or should."""

    def deployed(self) -> list[Deployed]:
        """The current revision of every release."""

    def history(self, namespace: str) -> list[Record]:
        """What was done to a release, oldest first."""

    def report(self) -> Report:
        """What runs, where, and what fires."""

    def leaf(self, namespace: str, service: str, port: str) -> str:
        """How Traefik's metrics name a Service's port."""

    def prometheus(self, namespace: str, component: str) -> Prometheus:
        """The Prometheus that watches a component of a release."""

    def gateway(self) -> str:
        """The address at which all public hosts answer. Raises ReleaseError before a deploy."""

    def internal_addresses(self, namespace: str, service: str) -> list[str]:
        """The base URL of the internal port of each process of a service."""

    def logs(self, namespace: str | None, workload: str, lines: int) -> list[tuple[str, str]]:
        """The last lines of each process of a workload: its name and what it said."""

    def remove(self, namespace: str) -> None:
        """Uninstall a release."""

    def down(self) -> None:
        """Uninstall everything. The inventory stays."""
