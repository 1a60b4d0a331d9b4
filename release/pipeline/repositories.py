"""The chart repositories beside a release: where a chart looks for what it depends on when there is
no working tree.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from release import paths
from release.charts import helm_repositories, rendering
from release.charts.helm_repositories import PORTS, ChartRepository
from release.clients import http
from release.errors import ChartError
from release.model import services

FOLDER = paths.ROOT / ".charts"
_LIMIT = 15.0


@contextmanager
def served(helm: Path, version: int, age: int) -> Iterator[None]:
    """Serve those that nobody serves, in processes of our own, while the block runs. In a cluster
    containers of the images do that beside a release.
    """
    found = helm_repositories.build_repositories(helm, FOLDER, age)
    wanted = [
        item
        for item in found
        if item.chart not in services.NAMES or item.release.partition(".")[0] == str(version)
    ]
    with ExitStack() as stack:
        for item in wanted:
            if not _answers(item.chart):
                stack.enter_context(_process(item))
        for item in wanted:
            if not http.wait_until(partial(_answers, item.chart), limit=_LIMIT):
                raise ChartError(f"{_address(item.chart)} does not answer within {_LIMIT:g} s")
        yield


def resolve(helm: Path, version: int, age: int) -> Path:
    """Catalog's chart with its dependencies as the repositories serve them. Raises ChartError when
    one is not served, or not in the version that the release needs.
    """
    helm_repositories.build_repositories(helm, FOLDER, age)
    chart = FOLDER / services.FRONT.name / f"v{version}"
    with tempfile.TemporaryDirectory() as home:
        for name in PORTS:
            if not _answers(name):
                raise ChartError(f"nothing serves {_address(name)}: see docs/charts.md")
            rendering.run_helm(helm, ["repo", "add", name, _address(name)], home=home)
        rendering.run_helm(helm, ["dependency", "update", chart], home=home)
    return chart


@contextmanager
def _process(repository: ChartRepository) -> Iterator[None]:
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(paths.ROOT / "services" / "charts"),
        "CHARTS": str(repository.folder),
        "PORT": str(PORTS[repository.chart]),
    }
    server = subprocess.Popen([sys.executable, "-m", "chart_repository"], env=variables)
    try:
        yield
    finally:
        server.terminate()
        server.wait(timeout=10)


def _address(chart: str) -> str:
    return f"http://localhost:{PORTS[chart]}"


def _answers(chart: str) -> bool:
    return http.answers(http.url(PORTS[chart], "/index.yaml"))
