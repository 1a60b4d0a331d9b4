"""Packages charts with their dependencies, and makes Helm repositories of them.

In the working tree a chart names its dependencies by path. A packaged chart names the repositories
that serve them on this machine, each from an image that holds one version: `make chart-repos`.
"""

import gzip
import os
import re
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from release import paths
from release.charts import rendering
from release.files import locked
from release.images import build, docker
from release.images.build import SourceRevision
from release.images.registries import image_reference
from release.model import services

PORTS = {
    service.name: service.chart_repository_port
    for service in services.SERVICES
    if service.chart_repository_port
} | {"prometheus-operated": 8879}
"""The port of each chart's repository."""
_SERVED_BY = {"service": "prometheus-operated"}
"""The library chart has no repository of its own: every chart that needs it needs this one too."""


class ChartArchive:
    """A file that `helm package` has made, as in `catalog-2.0.0.tgz`."""

    def __init__(self, path: Path) -> None:
        match = re.fullmatch(r"(.+?)-(\d+\.\d+\.\d+.*)\.tgz", path.name)
        assert match  # noqa: S101 - Helm names it so
        self.path, self.name, self.version = path, match[1], match[2]

    def read_files(self) -> dict[str, bytes]:
        """Return the content of each file by its name; their ages do not count."""
        with tarfile.open(self.path) as opened:
            return {
                member.name: file.read()
                for member in opened
                if (file := opened.extractfile(member)) is not None
            }


@dataclass(frozen=True)
class ChartRepository:
    """A folder with an index, one chart in one version, and the library chart."""

    chart: str
    release: str
    folder: Path

    def reference(self, registry: str) -> str:
        """Return the name of its image: `registry/shop/stock-charts:2.0.0`."""
        return image_reference(registry, f"{self.chart}-charts", self.release)


def package_charts(helm: Path, folder: Path, age: int) -> list[ChartArchive]:
    """Package every chart into `folder`, with its dependencies, naming repositories, not paths.

    With the same `age` (Unix seconds) the same charts make the same archives. `folder` also gets
    the charts `catalog/v1`, ..., whose dependencies are still to be downloaded.
    """
    with tempfile.TemporaryDirectory() as scratch:
        work, archives = Path(scratch) / "charts", Path(scratch) / "archives"
        shutil.copytree(paths.CHARTS, work, ignore=shutil.ignore_patterns("charts", "*.tgz"))
        for chart in ("service", "prometheus-operated", *rendering.list_charts()):
            rendering.update_dependencies(helm, work / chart)
            (work / chart / "Chart.lock").unlink(missing_ok=True)
            _name_repositories(work / chart / "Chart.yaml")
            _set_age(work / chart, age)
            rendering.run_helm(helm, ["package", "--destination", archives, work / chart])
            if chart.startswith(f"{services.FRONT.name}/"):
                shutil.copytree(
                    work / chart, folder / chart, ignore=shutil.ignore_patterns("charts")
                )
        return [_sort_members(path, folder, age) for path in sorted(archives.iterdir())]


def build_repositories(helm: Path, folder: Path, age: int) -> list[ChartRepository]:
    """Replace the content of `folder` by the repositories, and return them."""
    folder.mkdir(exist_ok=True)
    with locked(folder.with_name(f"{folder.name}.lock")):
        shutil.rmtree(folder)
        folder.mkdir()
        archives = package_charts(helm, folder, age)
        [library] = (archive for archive in archives if archive.name == "service")
        repositories = []
        for archive in archives:
            if archive.name in PORTS:
                target = folder / f"{archive.name}-{archive.version}"
                target.mkdir()
                for each in (archive, library):
                    shutil.copy2(each.path, target)
                _write_index(helm, target, age)
                _set_age(target, age)
                repositories.append(ChartRepository(archive.name, archive.version, target))
        return repositories


def build_repository_image(
    repository: ChartRepository, reference: str, revision: SourceRevision, base: str | None
) -> None:
    """Build the image that serves a repository."""
    with tempfile.TemporaryDirectory() as scratch:
        context = Path(scratch)
        build.copy_sources(context, [build.INSTALLERS, "services/charts"])
        shutil.copytree(repository.folder, context / ".charts" / repository.folder.name)
        arguments = {
            "REPOSITORY": repository.folder.name,
            "PORT": PORTS[repository.chart],
            "RELEASE": repository.release,
            "REVISION": revision.name,
            "BASE_IMAGE": base,
        }
        docker.build(context, context / "services/charts/Dockerfile", reference, arguments)


def _name_repositories(path: Path) -> None:
    """Replace the paths of the dependencies; a chart without a repository is embedded only."""
    chart = yaml.safe_load(path.read_text())
    for dependency in chart.get("dependencies", ()):
        port = PORTS.get(_SERVED_BY.get(dependency["name"], dependency["name"]))
        dependency["repository"] = f"http://localhost:{port}" if port else ""
    path.write_text(yaml.safe_dump(chart, sort_keys=False))


def _sort_members(archive: Path, folder: Path, age: int) -> ChartArchive:
    """Copy an archive to `folder` with its members sorted: Helm does not order dependencies."""
    copy = folder / archive.name
    with (
        tarfile.open(archive) as source,
        gzip.GzipFile(copy, "wb", mtime=age) as packed,
        tarfile.open(fileobj=packed, mode="w") as target,
    ):
        for member in sorted(source.getmembers(), key=lambda each: each.name):
            target.addfile(member, source.extractfile(member))
    return ChartArchive(copy)


def _set_age(folder: Path, age: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (age, age))


def _write_index(helm: Path, folder: Path, age: int) -> None:
    rendering.run_helm(helm, ["repo", "index", folder])
    index, date = folder / "index.yaml", datetime.fromtimestamp(age, UTC)
    dated = rf'\1: "{date:%Y-%m-%dT%H:%M:%SZ}"'
    index.write_text(re.sub(r'\b(created|generated): "[^"]+"', dated, index.read_text()))
