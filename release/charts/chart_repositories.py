"""Charts for others: packaged with what they depend on, and as Helm repositories.

In the working tree a chart names its neighbours by path. Outside it names the repositories that
serve them on this machine, each from an image that holds one version: `make chart-repos`.
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
from release.charts import charts
from release.charts.chart_archive import Archive
from release.files import locked
from release.images import docker, images
from release.images.images import Revision

PORTS = {"stock": 8878, "prometheus-operated": 8879}
"""Where each repository is served, by the chart that it is for."""
_SERVED_BY = {"service": "prometheus-operated"}
"""The library chart has no repository of its own: whoever needs it needs this one too."""


@dataclass(frozen=True)
class Repository:
    """A folder with an index and the charts that it names: one chart in one version, and the
    library.
    """

    chart: str
    release: str
    folder: Path

    def reference(self, registry: str) -> str:
        """Its image's name: `registry/shop/stock-charts:2.0.0`."""
        return f"{registry}/shop/{self.chart}-charts:{self.release}".lstrip("/")


def package(helm: Path, folder: Path, age: int) -> list[Path]:
    """The charts of releases, each as an archive that has all it depends on, and names
    repositories, not paths. With the same `age` (Unix seconds) the same charts are the same
    archives.

    Left in `folder` as well: a chart `catalog/v1` whose dependencies are still to be downloaded.
    """
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "charts"
        shutil.copytree(paths.CHARTS, work, ignore=shutil.ignore_patterns("charts", "*.tgz"))
        archives = Path(scratch) / "archives"
        for chart in _dependents_last():
            charts.run_helm(helm, ["dependency", "update", "--skip-refresh", work / chart])
            (work / chart / "Chart.lock").unlink(missing_ok=True)
            _name_repositories(work / chart / "Chart.yaml")
            _set_age(work / chart, age)
            charts.run_helm(helm, ["package", "--destination", archives, work / chart])
            if chart.startswith("catalog/"):
                shutil.copytree(
                    work / chart, folder / chart, ignore=shutil.ignore_patterns("charts")
                )
        return [_in_order(found, folder, age) for found in sorted(archives.iterdir())]


def repositories(helm: Path, folder: Path, age: int) -> list[Repository]:
    """Fill `folder` anew; the repositories in it."""
    folder.mkdir(exist_ok=True)
    with locked(folder.with_name(f"{folder.name}.lock")):
        shutil.rmtree(folder)
        folder.mkdir()
        archives = package(helm, folder, age)
        return list(_arranged(helm, folder, archives, age))


def _arranged(helm: Path, folder: Path, archives: list[Path], age: int) -> Iterator[Repository]:
    [library] = (path for path in archives if Archive(path).name == "service")
    for path in archives:
        found = Archive(path)
        if found.name in PORTS:
            itself = folder / f"{found.name}-{found.version}"
            repository = Repository(found.name, found.version, itself)
            repository.folder.mkdir()
            for archive in (path, library):
                shutil.copy2(archive, repository.folder)
            charts.run_helm(helm, ["repo", "index", repository.folder])
            _date_index(repository.folder / "index.yaml", age)
            _set_age(repository.folder, age)
            yield repository


def build(repository: Repository, reference: str, revision: Revision, base: str | None) -> None:
    """Build the image that serves a repository."""
    with tempfile.TemporaryDirectory() as scratch:
        context = Path(scratch)
        images.snapshot(context, [images.INSTALLERS, "services/charts"])
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


def _dependents_last() -> list[str]:
    versions = [f"v{number}" for number in paths.known_versions()]
    return [
        "service",
        "prometheus-operated",
        *(f"{service}/{version}" for service in ("stock", "catalog") for version in versions),
        "notice",
        "entrypoint",
    ]


def _name_repositories(description: Path) -> None:
    def address(match: re.Match[str]) -> str:
        name = _SERVED_BY.get(match["name"], match["name"])
        if name not in PORTS:
            return f'{match["before"]}""'  # embedded, and served nowhere
        return f"{match['before']}http://localhost:{PORTS[name]}"

    pattern = r"(?P<before>- name: (?P<name>[\w-]+)\n\s+version: \S+\n\s+repository: )file://\S+"
    description.write_text(re.sub(pattern, address, description.read_text()))


def _in_order(archive: Path, folder: Path, age: int) -> Path:
    """The same archive in `folder`, its members sorted: Helm writes dependencies in any order."""
    found = folder / archive.name
    with (
        tarfile.open(archive) as source,
        gzip.GzipFile(found, "wb", mtime=age) as packed,
        tarfile.open(fileobj=packed, mode="w") as target,
    ):
        for member in sorted(source.getmembers(), key=lambda each: each.name):
            target.addfile(member, source.extractfile(member))
    return found


def _set_age(folder: Path, age: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (age, age))


def _date_index(index: Path, age: int) -> None:
    date = datetime.fromtimestamp(age, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    dated = re.sub(r'\b(created|generated): "[^"]+"', rf'\1: "{date}"', index.read_text())
    index.write_text(dated)
