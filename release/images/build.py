"""Builds the images of the services, from contents.py and the Dockerfile."""

import ast
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from release import paths
from release.errors import RefusedError, ReleaseError, ToolError
from release.files import private_folder, write
from release.images import contents, docker
from release.images.registries import image_reference
from release.model import services
from release.toolchain.subprocesses import run

INSTALLERS = "release/images/installers.py"
_DOCKERFILE = "services/Dockerfile"
_DOCKERFILE_READS = (
    _DOCKERFILE,
    "release/__init__.py",
    "release/paths.py",
    "release/images",
    "packages/instrumentation/instrumentation",
    "requirements",
)
_CONTENT = "parallel-releases.content"
"""The label with the name of the content (contents.content_name)."""
_PIP_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout")
_WHEELHOUSE = "no-index = true\nfind-links = /build/wheelhouse\n"


@dataclass(frozen=True)
class ServiceImage:
    """One service in one major version; `release` is its tag, from the chart's appVersion."""

    service: str
    version: int
    release: str

    def reference(self, registry: str) -> str:
        """Return its name in the charts: `registry/shop/stock:1.0.0`."""
        return image_reference(registry, self.service, self.release)


@dataclass(frozen=True)
class SourceRevision:
    """The commit of the working tree, with `+` if it was edited, and its time (Unix seconds), which
    all files that are made from it get.
    """

    name: str
    age: int


def list_images(version: int | None) -> list[ServiceImage]:
    """Return the images of a version, or of all versions; each needs the notice service."""
    versions = (version,) if version else paths.known_versions()
    images = [
        ServiceImage(service, number, read_app_version(paths.CHARTS / service / f"v{number}"))
        for number in versions
        for service in services.NAMES
    ]
    return [*images, ServiceImage("notice", 1, read_app_version(paths.CHARTS / "notice"))]


def build_image(
    image: ServiceImage,
    reference: str,
    revision: SourceRevision,
    base: str | None,
    wheelhouse: Path | None,
) -> None:
    """Build an image from a snapshot of the working tree.

    `base` replaces the Dockerfile's base image, `wheelhouse` the download of dependencies.
    """
    with tempfile.TemporaryDirectory() as scratch:
        context, folder = Path(scratch) / "context", Path(scratch) / "secrets"
        copy_sources(context, [*_DOCKERFILE_READS, f"services/{image.service}"])
        if wheelhouse:
            (context / "wheelhouse").mkdir()
            for wheel in wheelhouse.glob("*.whl"):
                shutil.copy2(wheel, context / "wheelhouse")
        content = contents.hash_image(image.service, image.version, context)
        arguments = {
            "SERVICE": image.service,
            "VERSION": image.version,
            "RELEASE": image.release,
            "REVISION": revision.name,
            "CONTENT": contents.content_name(image.service, image.version, content),
            "SOURCE_DATE_EPOCH": revision.age,
            "BASE_IMAGE": base,
        }
        secrets = write_pip_secrets(folder, offline=wheelhouse is not None)
        docker.build(context, context / _DOCKERFILE, reference, arguments, secrets)


def check_registry_content(reference: str, configuration: Path | None) -> None:
    """Raise RefusedError if a registry has other sources under the name of a local image.

    A push would replace them, and running pods could not start again (see
    instrumentation/image_check.py).
    """
    content = docker.read_label(reference, _CONTENT)
    there = docker.read_remote_label(reference, _CONTENT, configuration) if content else ""
    if there and there != content:
        raise RefusedError(
            f"{reference} is in the registry as {there}, and here as {content}: a tag is for one "
            "content, so raise version and appVersion in the chart's Chart.yaml"
        )


def read_source_revision() -> SourceRevision:
    """Ask git for the revision; without git its name is empty."""
    try:
        commit = run(["git", "log", "-1", "--format=%H %ct"], cwd=paths.ROOT)
        edited = run(["git", "status", "--porcelain"], cwd=paths.ROOT)
    except ToolError:
        return SourceRevision("", 0)
    name, seconds = commit.split()
    return SourceRevision(name + ("+" if edited else ""), int(seconds))


def copy_sources(context: Path, names: Iterable[str]) -> None:
    """Copy files into a build context, so that an edit during the build does not count."""
    for name in names:
        source, target = paths.ROOT / name, context / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        else:
            shutil.copy2(source, target)


def read_app_version(chart: Path) -> str:
    """Read the version of the code of a chart, from its Chart.yaml. Raises ToolError."""
    version = str(yaml.safe_load((chart / "Chart.yaml").read_text())["appVersion"])
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ToolError(f"{chart}/Chart.yaml: appVersion {version} is no version like 1.0.0")
    return version


def write_pip_secrets(folder: Path, *, offline: bool) -> dict[str, Path]:
    """Write the build secrets that configure pip, and return them by name.

    They repeat the settings of this machine, or allow the wheelhouse alone if `offline`. They are
    secrets because the address of an index may contain a password.
    """
    settings = {} if offline else _read_pip_settings()
    lines = [f"{name} = {settings[name]}\n" for name in _PIP_SETTINGS if name in settings]
    secrets = {"pip.conf": private_folder(folder) / "pip.conf"}
    if certificate := settings.get("cert"):
        secrets["ca.pem"] = folder / "ca.pem"
        lines.append("cert = /run/secrets/ca.pem\n")
        try:
            write(secrets["ca.pem"], Path(certificate).read_text())
        except OSError as error:
            raise ReleaseError(f"pip's cert {certificate}: {error.strerror}") from error
    write(secrets["pip.conf"], "[global]\n" + (_WHEELHOUSE if offline else "".join(lines)))
    return secrets


def _read_pip_settings() -> dict[str, str]:
    """Return the settings of `pip install`; the environment wins over files."""
    output = run([sys.executable, "-m", "pip", "config", "list"], timeout=60)
    return {
        name: " ".join(str(ast.literal_eval(value)).split())
        for section in ("global", "install", ":env:")
        for name, value in re.findall(rf"^{section}\.([\w-]+)=(.+)$", output, re.MULTILINE)
    }
