"""Finds a Docker command line that can build the images, and runs it."""

import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from release.errors import ToolError
from release.images import registries
from release.toolchain.subprocesses import run

_ADVICE = "apt-get install docker.io, or Docker's own packages with docker-buildx-plugin"
_OWN_BUILDKIT = (18, 9), (23, 0)
"""From and below: versions with BuildKit built in; later ones need the plugin buildx."""


@cache
def find_docker() -> Path:
    """Return the first `docker` on PATH that builds with BuildKit. Raises ToolError without one."""
    found = (shutil.which("docker", path=folder) for folder in os.get_exec_path())
    programs = [Path(path) for path in found if path]
    for path in programs:
        if _has_buildkit(path):
            return path
    if programs:
        raise ToolError(f"docker: {programs[0]} has no buildx to build with; {_ADVICE}")
    raise ToolError(f"docker: not found; {_ADVICE}")


def ensure_engine() -> Path:
    """Return the command line. Raises ToolError if no engine answers it."""
    docker = find_docker()
    try:
        run([docker, "version", "--format", "{{.Server.Version}}"], timeout=30)
    except ToolError as error:
        raise ToolError(f"no Docker engine answers: {error}") from error
    return docker


def build(
    context: Path,
    file: Path,
    reference: str,
    arguments: Mapping[str, object],
    secrets: Mapping[str, Path] | None = None,
) -> None:
    """Build an image. Secrets are mounted in single steps and are in no layer.

    An argument of None keeps the default of the Dockerfile.
    """
    argv: list[str | Path] = [ensure_engine(), "build", "--progress", "plain", "--file", file]
    argv += ["--tag", reference]
    for name, value in arguments.items():
        if value is not None:
            argv += ["--build-arg", f"{name}={value}"]
    for name, path in (secrets or {}).items():
        argv += ["--secret", f"id={name},src={path}"]
    try:
        run([*argv, context], env=os.environ | {"DOCKER_BUILDKIT": "1"}, timeout=1800)
    except ToolError as error:
        raise ToolError(f"{reference} does not build: {_failed_step(error)}") from error


def push(reference: str, configuration: Path | None) -> None:
    """Push an image, with the login of a configuration folder if given."""
    try:
        _run("push", reference, configuration)
    except ToolError as error:
        raise ToolError(f"{reference} cannot be pushed: {error}") from error


def read_label(image: str, name: str) -> str:
    """Return a label of a local image; empty if the image has no such label."""
    return _inspect(image, f'{{{{index .Config.Labels "{name}"}}}}')


def read_remote_label(reference: str, name: str, configuration: Path | None) -> str:
    """Pull an image and return a label; empty if the registry has no such image or label.

    The local image keeps its name. Raises ToolError if the registry cannot be asked.
    """
    local = pulled = _inspect(reference, "{{.Id}}")
    try:
        _run("pull", reference, configuration)
        pulled = _inspect(reference, "{{.Id}}")
        return read_label(pulled, name)
    except ToolError as error:
        if registries.is_not_found(error):
            return ""
        raise ToolError(f"{reference} cannot be asked for: {error}") from error
    finally:
        run([find_docker(), "tag", local, reference])
        if pulled != local:
            with suppress(ToolError):  # it may be in use under another name
                run([find_docker(), "image", "rm", pulled])


def login(configuration: Path, registry: str, username: str, password: str) -> None:
    """Log in for pushes with that configuration folder."""
    argv: list[str | Path] = [find_docker(), "--config", configuration, "login", registry]
    run([*argv, "--username", username, "--password-stdin"], stdin=password, timeout=60)


def _run(command: str, reference: str, configuration: Path | None) -> None:
    options = ("--config", configuration) if configuration else ()
    run([ensure_engine(), *options, command, "--quiet", reference], timeout=1800)


def _inspect(image: str, template: str) -> str:
    return run([find_docker(), "image", "inspect", "--format", template, image]).strip()


def _has_buildkit(path: Path) -> bool:
    try:
        version = re.search(r"(\d+)\.(\d+)", run([path, "--version"], timeout=20))
        own, plugin = _OWN_BUILDKIT
        if version and own <= (int(version[1]), int(version[2])) < plugin:
            return True
        run([path, "buildx", "version"], timeout=20)
    except ToolError:
        return False
    return True


def _failed_step(error: ToolError) -> str:
    """Return the error of the step that failed: `#9 1.2 ERROR: ...`."""
    output = getattr(error.__cause__, "stderr", None) or ""
    errors = re.findall(r"^(?:#\d+ [\d.]+ )?(?:ERROR|/bin/sh): (.+)$", output, re.MULTILINE)
    steps = [line for line in errors if not line.startswith("failed to solve")]
    return steps[-1] if steps else str(error)
