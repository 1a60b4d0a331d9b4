"""The interface of both targets, in two halves: reading what runs, and changing it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from release.clients.prometheus import Prometheus
from release.model.names import Names
from release.model.release import Deployed, Record, Release
from release.model.status import TargetStatus


class TargetReader(Protocol):
    """Reads what runs. Changes nothing and needs no lock."""

    @property
    def names(self) -> Names:
        """The names of the shop."""

    def exists(self) -> bool:
        """True if anything was ever deployed. Raises for a place that is something else."""

    def current(self, namespace: str) -> Deployed | None:
        """Return the current revision of a release, even if it is not running."""

    def deployed(self) -> list[Deployed]:
        """Return the current revision of every release."""

    def history(self, namespace: str) -> list[Record]:
        """Return the changes of a release, oldest first."""

    def report(self) -> TargetStatus:
        """Return the processes, addresses and firing alerts of every release."""

    def traefik_service_name(self, namespace: str, service: str, port: str) -> str:
        """Return the name of a Service's port in Traefik's metrics."""

    def prometheus(self, namespace: str, component: str) -> Prometheus:
        """Return the Prometheus that watches a component. Raises ReleaseError without one."""

    def gateway(self) -> str:
        """Return the address of all public hosts. Raises ReleaseError before a deploy."""

    def internal_addresses(self, namespace: str, service: str) -> list[str]:
        """Return the base URL of the internal port of each process of a service."""

    def logs(self, namespace: str | None, workload: str, lines: int) -> list[tuple[str, str]]:
        """Return the name and the last log lines of each process of a workload.

        Without a namespace: of the gateway.
        """


class TargetWriter(Protocol):
    """Changes what runs."""

    @property
    def tools(self) -> Mapping[str, Path]:
        """The programs that a change needs, by name; looked for at the first use."""

    @property
    def cache(self) -> Path:
        """The folder for built charts."""

    @property
    def rollout_timeout(self) -> int:
        """Seconds that replacing the processes of a release may take."""

    def check(self) -> None:
        """Raise ReleaseError if a deployment could not begin. Changes nothing."""

    def lock(self, doing: str, wait: float = 0) -> AbstractContextManager[None]:
        """Hold the whole target. Raises LockedError after waiting `wait` seconds for others."""

    def shift_lock(self, doing: str) -> AbstractContextManager[None]:
        """Allow one traffic shift at a time; deploys go on. Raises LockedError."""

    def values(self, namespace: str, version: int, domain: str, *, slack: bool) -> dict[str, Any]:
        """Return the values that this target adds to the release of a version."""

    def entrypoint_values(self, domain: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that this target adds to the `recorded` ones of the entry point."""

    def apply(
        self,
        release: Release,
        *,
        slack_webhook_url: str | None = None,
        keeps_code: bool = False,
    ) -> None:
        """Deploy a release beside the others.

        `keeps_code` runs the images of the current revision instead of the working tree's.
        """

    def update_routes(self, release: Release) -> None:
        """Change nothing but routes: quick, and possible while other things are broken."""

    def undo(self, namespace: str) -> int:
        """Go back to the revision before the current one, and return its number.

        Returns 0, and changes nothing, without an earlier revision.
        """

    def remove(self, namespace: str) -> None:
        """Uninstall a release."""

    def down(self) -> None:
        """Uninstall everything. The inventory stays."""


class Target(TargetReader, TargetWriter, Protocol):
    """A place for releases: the processes of this machine, or a cluster."""


def fetch_tools(target: TargetWriter) -> None:
    """Fetch the programs that are missing: before a lock, behind which others would wait."""
    _ = target.tools
