"""Pushes packaged charts to an OCI registry, where a version is for one content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from release.charts.chart_archive import Archive
from release.console import note, step
from release.errors import ChartError, RefusedError, ToolError
from release.images import registries
from release.images.registries import Access
from release.toolchain.subprocesses import run


def push(
    helm: Path, archives: Iterable[Path], registry: str, access: Access | None
) -> Iterator[str]:
    """Push each archive that is not there yet; its reference there. Raises ChartError with Helm's
    reason, and RefusedError, before anything is pushed, when a version has another content there.
    """
    given = [Archive(path) for path in archives]
    with registries.scratch_configuration() as folder:
        remote = Remote(helm, registry, folder)
        if access:
            remote.login(access)
        with step(f"asking for what {registry} has"):
            new = [archive for archive in given if not remote.has(archive)]
        for archive in given:
            if archive in new:
                with step(f"pushing {archive.path.name}"):
                    remote.push(archive)
            else:
                note(f"{archive.path.name}: the registry has it already")
            yield f"{registry}/{archive.name}:{archive.version}"


class Remote:
    """A registry as Helm sees it; `folder` is for what a login and a download leave behind."""

    def __init__(self, helm: Path, registry: str, folder: Path) -> None:
        self._helm, self._registry, self._folder = helm, registry, folder
        # On this machine a registry may have no certificate.
        self._options = ["--plain-http"] if registries.is_loopback(registry) else []

    def login(self, access: Access) -> None:
        """Be let in from now on; the password goes by standard input."""
        self._options += ["--registry-config", str(self._folder / "registry.json")]
        name = ["--username", access.username, "--password-stdin"]
        login = ["registry", "login", registries.host(self._registry), *name]
        self._do("does not take it", login, stdin=access.password)

    def has(self, archive: Archive) -> bool:
        """Whether the archive is there. Raises RefusedError when its version is something else."""
        address = f"{self._registry}/{archive.name}"
        where = ["--version", archive.version, "--destination", str(self._folder)]
        try:
            self._do("does not say what it has", ["pull", address, *where])
        except ChartError as error:
            if registries.says_absent(error):
                return False
            raise
        if Archive(self._folder / archive.path.name).content() == archive.content():
            return True
        raise RefusedError(
            f"{address}:{archive.version} is another chart than the one here: a version is for one "
            "content, so raise it in the chart's Chart.yaml"
        )

    def push(self, archive: Archive) -> None:
        self._do("does not take it", ["push", str(archive.path), self._registry])

    def _do(self, failed: str, argv: list[str], stdin: str | None = None) -> None:
        # Unlike for rendering, the caller's settings count: logins, proxies, certificates.
        try:
            run([self._helm, *argv, *self._options], env=os.environ, stdin=stdin, timeout=300)
        except ToolError as error:
            raise ChartError(f"{self._registry} {failed}: {error}") from error
