"""Pushes packaged charts to an OCI registry, where each version has one content."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from release.charts.helm_repositories import ChartArchive
from release.console import note, step
from release.errors import ChartError, RefusedError, ToolError
from release.images import registries
from release.images.registries import RegistryLogin
from release.toolchain.subprocesses import run


def push_charts(
    helm: Path, archives: Sequence[ChartArchive], registry: str, login: RegistryLogin | None
) -> Iterator[str]:
    """Push each archive that the registry lacks, and yield the reference of each.

    Raises ChartError with Helm's reason, and RefusedError before anything is pushed if the registry
    has another content under the version of an archive.
    """
    with tempfile.TemporaryDirectory() as folder:
        remote = OCIRegistry(helm, registry, Path(folder), login)
        with step(f"asking for what {registry} has"):
            missing = [archive for archive in archives if not remote.has(archive)]
        for archive in archives:
            if archive in missing:
                with step(f"pushing {archive.path.name}"):
                    remote.push(archive)
            else:
                note(f"{archive.path.name}: the registry has it already")
            yield f"{registry}/{archive.name}:{archive.version}"


class OCIRegistry:
    """A registry for charts, through Helm; logins and downloads are written to `folder`."""

    def __init__(
        self, helm: Path, registry: str, folder: Path, login: RegistryLogin | None
    ) -> None:
        self._helm, self._registry, self._folder = helm, registry, folder
        # A registry on this machine may have no certificate.
        self._options = ["--plain-http"] if registries.is_loopback(registry) else []
        if login:
            self._options += ["--registry-config", str(folder / "registry.json")]
            name = ["--username", login.username, "--password-stdin"]
            argv = ["registry", "login", registries.host_of(registry), *name]
            self._run("does not take it", argv, stdin=login.password)

    def has(self, archive: ChartArchive) -> bool:
        """True if the registry has this archive. Raises RefusedError if it has another content."""
        address = f"{self._registry}/{archive.name}"
        options = ["--version", archive.version, "--destination", str(self._folder)]
        try:
            self._run("does not say what it has", ["pull", address, *options])
        except ChartError as error:
            if registries.is_not_found(error):
                return False
            raise
        if ChartArchive(self._folder / archive.path.name).read_files() == archive.read_files():
            return True
        raise RefusedError(
            f"{address}:{archive.version} is another chart than the one here: a version is for one "
            "content, so raise it in the chart's Chart.yaml"
        )

    def push(self, archive: ChartArchive) -> None:
        self._run("does not take it", ["push", str(archive.path), self._registry])

    def _run(self, failure: str, argv: list[str], stdin: str | None = None) -> None:
        # Unlike for rendering, the caller's settings count: logins, proxies, certificates.
        try:
            run([self._helm, *argv, *self._options], env=os.environ, stdin=stdin, timeout=300)
        except ToolError as error:
            raise ChartError(f"{self._registry} {failure}: {error}") from error
