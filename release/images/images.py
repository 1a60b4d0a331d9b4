"""The images of the services: what is in them is in sources.py, how they are made in their
Dockerfiles.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from release import paths
from release.errors import RefusedError, ToolError
from release.images import docker, sources
from release.toolchain import pip_settings
from release.toolchain.subprocesses import run

INSTALLERS = "release/images/installers.py"
_DOCKERFILES_READ = (
    INSTALLERS,
    "release/__init__.py",
    "release/images/__init__.py",
    "release/images/layers.py",
    "release/paths.py",
    "release/images/sources.py",
    "packages/instrumentation/instrumentation",
    "requirements",
)


_CONTENT = "parallel-releases.content"
"""The label that the Dockerfiles give to what `sources` has named."""


@dataclass(frozen=True)
class Image:
    """One service in one major version; `release` is its tag, from the chart's appVersion."""

    service: str
    version: int
    release: str

    def reference(self, registry: str) -> str:
        """Its name as the charts have it: `registry/shop/stock:1.0.0`."""
        return f"{registry}/shop/{self.service}:{self.release}".lstrip("/")


@dataclass(frozen=True)
class Revision:
    """The commit of the working tree, with `+` if it was edited; the age of what is made of it, in
    Unix seconds: SOURCE_DATE_EPOCH, else when it was committed.
    """

    name: str
    age: int


def of_version(version: int | None) -> list[Image]:
    """The images that a version needs, or all of them; the notice service belongs to each."""
    versions = (version,) if version else paths.known_versions()
    found = [
        Image(service, number, _app_version(paths.CHARTS / service / f"v{number}"))
        for number in versions
        for service in paths.SERVICES
    ]
    return [*found, Image("notice", 1, _app_version(paths.CHARTS / "notice"))]


def build(
    image: Image, reference: str, revision: Revision, base: str | None, wheelhouse: Path | None
) -> str:
    """Build an image from a snapshot of the working tree; the hash of its content.

    `base` replaces the Dockerfile's base image, `wheelhouse` the download of dependencies.
    """
    with tempfile.TemporaryDirectory() as scratch:
        context, folder = Path(scratch) / "context", Path(scratch) / "secrets"
        snapshot(context, [*_DOCKERFILES_READ, f"services/{image.service}"])
        if wheelhouse:
            (context / "wheelhouse").mkdir()
            for wheel in wheelhouse.glob("*.whl"):
                shutil.copy2(wheel, context / "wheelhouse")
        content = sources.digest(image.service, image.version, context)
        arguments = {
            "VERSION": str(image.version),
            "RELEASE": image.release,
            "REVISION": revision.name,
            "CONTENT": sources.content_name(image.service, image.version, content),
            "SOURCE_DATE_EPOCH": str(revision.age),
        }
        if base:
            arguments["BASE_IMAGE"] = base
        secrets = pip_settings.write_secrets(folder, offline=wheelhouse is not None)
        dockerfile = context / "services" / image.service / "Dockerfile"
        docker.build(context, dockerfile, reference, arguments, secrets)
    return content


def refuse_another_content(reference: str, configuration: Path | None) -> None:
    """Raises RefusedError when a registry has other sources under the name of an image that is
    here: pods that run from them could not be started again (instrumentation/image_check.py).
    """
    content = docker.label(reference, _CONTENT)
    if not content:
        return
    with docker.pulled(reference, configuration) as found:
        there = docker.label(found, _CONTENT) if found else ""
    if there and there != content:
        raise RefusedError(
            f"{reference} is in the registry as {there}, and here as {content}: a tag is for one "
            "content, so raise version and appVersion in the chart's Chart.yaml"
        )


def working_tree(age: int | None) -> Revision:
    """What git says, unless `age` is given; without git nothing, and the beginning of time."""
    try:
        found = run(["git", "log", "-1", "--format=%H %ct"], cwd=paths.ROOT)
        edited = run(["git", "status", "--porcelain"], cwd=paths.ROOT)
    except ToolError:
        return Revision("", age or 0)
    name, seconds = found.split()
    return Revision(name + ("+" if edited else ""), int(seconds) if age is None else age)


def snapshot(context: Path, names: Iterable[str]) -> None:
    """Copy what a Dockerfile copies: nobody edits it while it is hashed and built."""
    for name in names:
        source, target = paths.ROOT / name, context / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        else:
            shutil.copy2(source, target)


def _app_version(chart: Path) -> str:
    found = str(yaml.safe_load((chart / "Chart.yaml").read_text())["appVersion"])
    if not re.fullmatch(r"\d+\.\d+\.\d+", found):
        raise ToolError(f"{chart}/Chart.yaml: appVersion {found} is no version like 1.0.0")
    return found
