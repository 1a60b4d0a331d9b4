"""A revision's 'image': an immutable copy of one version's code, named by the hash of its content.

Processes never run from the working tree: a restart after an edit would run code that nobody
verified, and a roll-back
would have nothing to return to.
"""

from __future__ import annotations

import compileall
import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from release import project
from release.charts import content_hash
from release.console import step
from release.errors import UnsupportedError
from release.files import locked, private_folder
from release.programs import run


@dataclass(frozen=True)
class Image:
    """Code and dependencies of one service in one major version."""

    service: str
    version: int
    digest: str
    code: Path
    python: Path


def image(reference: str, folder: Path) -> Image:
    """The image that a container asks for, as in `stock:1.0.0`: built from the working tree unless
    it exists.

    Raises UnsupportedError for an image that is no service of this repository.
    """
    match = re.fullmatch(r"(?:.*/)?([a-z]+):(\d+)\.\d+\.\d+", reference)
    if not match or match[1] not in project.SERVICES:
        raise UnsupportedError(
            f"image {reference}: the local target runs {', '.join(project.SERVICES)} only"
        )
    service, version = match[1], int(match[2])
    with tempfile.TemporaryDirectory(dir=private_folder(folder)) as scratch:
        copy = Path(scratch) / "image"
        _copy(service, version, copy)
        digest = content_hash(copy)
        target = folder / f"{service}-v{version}-{digest[:16]}"
        if not target.exists():
            compileall.compile_dir(copy, quiet=1, stripdir=copy, workers=1)
            copy.rename(target)
    return Image(service, version, digest, target, _python(service))


def prune(folder: Path, used: Iterable[str]) -> None:
    """Remove the images that no recorded revision names any more."""
    kept = set(used)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in kept:
            shutil.rmtree(path)


def _copy(service: str, version: int, target: Path) -> None:
    """What an image of that version holds: nothing of other versions, and no later version's
    migrations.
    """

    def foreign(folder: str, names: list[str]) -> set[str]:
        unwanted = {name for name in names if name in ("__pycache__", "tests")}
        for name in names:
            owner = re.match(r"v(\d+)(_|$)", name)
            later_migration = owner and Path(folder).name == "versions" and int(owner[1]) > version
            other_version = owner and Path(folder).name != "versions" and int(owner[1]) != version
            if later_migration or other_version:
                unwanted.add(name)
        return unwanted

    for source in (
        project.ROOT / "services" / service / service,
        project.ROOT / "instrumentation" / "instrumentation",
    ):
        shutil.copytree(source, target / source.name, ignore=foreign)
    shutil.copy(project.REQUIREMENTS / f"{service}.txt", target / "requirements.txt")


def _python(service: str) -> Path:
    """The interpreter of an environment with exactly the locked dependencies; made when it is
    missing.
    """
    requirements = project.REQUIREMENTS / f"{service}.txt"
    digest = hashlib.sha256(
        requirements.read_bytes() + sys.version.encode() + sys.prefix.encode()
    ).hexdigest()[:16]
    folder = private_folder(project.tools_folder() / "environments")
    environment = folder / f"{service}-{digest}"
    python = environment / "bin" / "python"
    complete = environment / "complete"
    with locked(folder / f".{environment.name}.lock"):
        if complete.exists():
            return python
        with step(f"installing {service}'s dependencies"):
            run([sys.executable, "-m", "venv", "--without-pip", "--clear", environment])
            pip: list[str | Path] = [
                sys.executable,
                "-m",
                "pip",
                "--python",
                python,
                "install",
                "--quiet",
            ]
            run([*pip, "--no-deps", "--require-hashes", "--requirement", requirements])
            complete.touch()
    return python
