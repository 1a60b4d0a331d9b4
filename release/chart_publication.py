"""Pushes packaged charts to an OCI registry."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from release import registries
from release.console import step
from release.errors import ChartError, ToolError
from release.programs import run
from release.registries import Access


def push(
    helm: Path, archives: Iterable[Path], registry: str, access: Access | None
) -> Iterator[str]:
    """Push each archive; its reference there. Raises ChartError with Helm's reason."""
    # On this machine a registry may have no certificate.
    plain = ["--plain-http"] if registries.is_loopback(registry) else []
    with registries.scratch_configuration() as folder:
        options = [*plain]
        if access:
            options += ["--registry-config", str(folder / "registry.json")]
            login = ["registry", "login", registries.host(registry), *options]
            name = ["--username", access.username, "--password-stdin"]
            _run(helm, registry, [*login, *name], stdin=access.password)
        for archive in archives:
            with step(f"pushing {archive.name}"):
                _run(helm, registry, ["push", str(archive), registry, *options])
            name_and_version = re.fullmatch(r"(.+)-(\d+\.\d+\.\d+)\.tgz", archive.name)
            assert name_and_version  # noqa: S101 - Helm has named it
            yield f"{registry}/{name_and_version[1]}:{name_and_version[2]}"


def _run(helm: Path, registry: str, argv: list[str], stdin: str | None = None) -> None:
    # Unlike for rendering, the caller's settings count: who is logged in, proxies, certificates.
    try:
        run([helm, *argv], env=os.environ, stdin=stdin, timeout=300)
    except ToolError as error:
        raise ChartError(f"{registry} does not take it: {error}") from error
