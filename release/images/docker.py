"""Docker's command line: found in a version that can build our images, and asked to build them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from release.errors import ToolError
from release.images import registries
from release.toolchain.subprocesses import run

_ADVICE = "apt-get install docker.io, or Docker's own packages with docker-buildx-plugin"
_OWN_BUILDKIT = (18, 9), (23, 0)
"""Versions that speak to BuildKit themselves; later ones leave it to the plugin buildx."""


@cache
def program() -> Path:
    """The first `docker` on PATH that builds with BuildKit. Raises ToolError when there is none."""
    found = list(_on_path())
    for path in found:
        if _has_buildkit(path):
            return path
    if found:
        raise ToolError(f"docker: {found[0]} has no buildx to build with; {_ADVICE}")
    raise ToolError(f"docker: not found; {_ADVICE}")


def ensure_engine() -> Path:
    """The command line, once an engine has answered it. Raises ToolError."""
    docker = program()
    try:
        run([docker, "version", "--format", "{{.Server.Version}}"], timeout=30)
    except ToolError as error:
        raise ToolError(f"no Docker engine answers: {error}") from error
    return docker


def build(
    context: Path,
    file: Path,
    reference: str,
    arguments: Mapping[str, str],
    secrets: Mapping[str, Path] | None = None,
) -> None:
    """Build one image. Secrets are there for single steps and in no layer."""
    argv: list[str | Path] = [ensure_engine(), "build", "--progress", "plain", "--file", file]
    argv += ["--tag", reference]
    for name, value in arguments.items():
        argv += ["--build-arg", f"{name}={value}"]
    for name, path in (secrets or {}).items():
        argv += ["--secret", f"id={name},src={path}"]
    try:
        run([*argv, context], env=os.environ | {"DOCKER_BUILDKIT": "1"}, timeout=1800)
    except ToolError as error:
        raise ToolError(f"{reference} does not build: {_reason(error)}") from error


def push(reference: str, configuration: Path | None) -> None:
    """Push one image, with a configuration folder of its own if given."""
    try:
        run([*_configured(configuration), "push", "--quiet", reference], timeout=1800)
    except ToolError as error:
        raise ToolError(f"{reference} cannot be pushed: {error}") from error


@contextmanager
def pulled(reference: str, configuration: Path | None) -> Iterator[str | None]:
    """The id of what a registry has under the name of an image that is here; None when it has
    nothing, or nothing for the caller. Here, the name means afterwards what it meant before.

    Raises ToolError when the registry cannot be asked.
    """
    own, found = _image_id(reference), None
    try:
        try:
            run([*_configured(configuration), "pull", "--quiet", reference], timeout=1800)
            found = _image_id(reference)
        except ToolError as error:
            if not registries.says_absent(error):
                raise ToolError(f"{reference} cannot be asked for: {error}") from error
        yield found
    finally:
        run([program(), "tag", own, reference])
        if found and found != own:
            with suppress(ToolError):  # by another name it may be in use
                run([program(), "image", "rm", found])


def label(image: str, name: str) -> str:
    """A label of an image that is here, by reference or id; empty when it has none of the name."""
    return _inspected(image, f'{{{{index .Config.Labels "{name}"}}}}')


def login(configuration: Path, registry: str, username: str, password: str) -> None:
    """Let pushes with that configuration folder in; the password goes by standard input."""
    argv: list[str | Path] = [program(), "--config", configuration, "login", registry]
    run([*argv, "--username", username, "--password-stdin"], stdin=password, timeout=60)


def _configured(configuration: Path | None) -> Sequence[str | Path]:
    options: Sequence[str | Path] = ("--config", configuration) if configuration else ()
    return (ensure_engine(), *options)


def _image_id(reference: str) -> str:
    return _inspected(reference, "{{.Id}}")


def _inspected(image: str, template: str) -> str:
    return run([program(), "image", "inspect", "--format", template, image]).strip()


def _on_path() -> Iterator[Path]:
    for folder in os.get_exec_path():
        found = shutil.which("docker", path=folder)
        if found:
            yield Path(found)


def _has_buildkit(path: Path) -> bool:
    try:
        said = run([path, "--version"], timeout=20)
        version = re.search(r"(\d+)\.(\d+)", said)
        own, plugin = _OWN_BUILDKIT
        if version and own <= (int(version[1]), int(version[2])) < plugin:
            return True
        run([path, "buildx", "version"], timeout=20)
    except ToolError:
        return False
    return True


def _reason(error: ToolError) -> str:
    """What the step that failed said, rather than that it did: `#9 1.2 ERROR: ...`."""
    output = getattr(error.__cause__, "stderr", None) or ""
    said = re.findall(r"^(?:#\d+ [\d.]+ )?(?:ERROR|/bin/sh): (.+)$", output, re.MULTILINE)
    steps = [line for line in said if not line.startswith("failed to solve")]
    return steps[-1] if steps else str(error)
