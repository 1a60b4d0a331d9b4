"""Packages charts with their dependencies, and makes Helm repositories of them.

In the working tree a chart names its dependencies by path. A packaged chart names the repositories
that serve them on this machine, each from an image that holds one version: `make chart-repos`.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from release import paths
from release.charts import rendering
from release.charts.archive import ChartArchive
from release.files import locked
from release.images import build, docker
from release.images.build import SourceRevision
from release.model import services

PORTS = {
    service.name: service.chart_repository_port
    for service in services.SERVICES
    if service.chart_repository_port
} | {"prometheus-operated": 8879}
"""The port of each chart's repository."""
_SERVED_BY = {"service": "prometheus-operated"}
"""The library chart has no repository of its own: every chart that needs it needs this one too."""


@dataclass(frozen=True)
class ChartRepository:
    """A folder with an index, one chart in one version, and the library chart."""

    chart: str
    release: str
    folder: Path

    def reference(self, registry: str) -> str:
        """The name of its image: `registry/shop/stock-charts:2.0.0`."""
        return f"{registry}/shop/{self.chart}-charts:{self.release}".lstrip("/")


def package_charts(helm: Path, folder: Path, age: int) -> list[Path]:
    """Package every chart into `folder`, with its dependencies, naming repositories, not paths.

    With the same `age` (Unix seconds) the same charts make the same archives. `folder` also gets
    the charts `catalog/v1`, ..., whose dependencies are still to be downloaded.
    """
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "charts"
        shutil.copytree(paths.CHARTS, work, ignore=shutil.ignore_patterns("charts", "*.tgz"))
        archives = Path(scratch) / "archives"
        for chart in _charts_by_dependency():
            rendering.run_helm(helm, ["dependency", "update", "--skip-refresh", work / chart])
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
        return list(_arrange(helm, folder, archives, age))


def _arrange(helm: Path, folder: Path, packages: list[Path], age: int) -> Iterator[ChartRepository]:
    archives = [ChartArchive(path) for path in packages]
    [library] = (archive for archive in archives if archive.name == "service")
    for archive in archives:
        if archive.name in PORTS:
            target = folder / f"{archive.name}-{archive.version}"
            target.mkdir()
            for each in (archive, library):
                shutil.copy2(each.path, target)
            rendering.run_helm(helm, ["repo", "index", target])
            _set_date(target / "index.yaml", age)
            _set_age(target, age)
            yield ChartRepository(archive.name, archive.version, target)


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
            "PORT": str(PORTS[repository.chart]),
            "RELEASE": repository.release,
            "REVISION": revision.name,
        }
        if base:
            arguments["BASE_IMAGE"] = base
        docker.build(context, context / "services/charts/Dockerfile", reference, arguments)


def _charts_by_dependency() -> list[str]:
    versions = [f"v{number}" for number in paths.known_versions()]
    return [
        "service",
        "prometheus-operated",
        *(f"{service}/{version}" for service in services.NAMES for version in versions),
        "notice",
        "entrypoint",
    ]


def _name_repositories(description: Path) -> None:
    def address(match: re.Match[str]) -> str:
        name = _SERVED_BY.get(match["name"], match["name"])
        if name not in PORTS:
            return f'{match["before"]}""'  # embedded, not served
        return f"{match['before']}http://localhost:{PORTS[name]}"

    pattern = r"(?P<before>- name: (?P<name>[\w-]+)\n\s+version: \S+\n\s+repository: )file://\S+"
    description.write_text(re.sub(pattern, address, description.read_text()))


def _sort_members(archive: Path, folder: Path, age: int) -> Path:
    """Copy an archive to `folder` with its members sorted: Helm does not order dependencies."""
    copy = folder / archive.name
    with (
        tarfile.open(archive) as source,
        gzip.GzipFile(copy, "wb", mtime=age) as packed,
        tarfile.open(fileobj=packed, mode="w") as target,
    ):
        for member in sorted(source.getmembers(), key=lambda each: each.name):
            target.addfile(member, source.extractfile(member))
    return copy


def _set_age(folder: Path, age: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (age, age))


def _set_date(index: Path, age: int) -> None:
    date = datetime.fromtimestamp(age, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    dated = re.sub(r'\b(created|generated): "[^"]+"', rf'\1: "{date}"', index.read_text())
    index.write_text(dated)
