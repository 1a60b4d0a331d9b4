"""The chart repositories beside a release: where a chart gets its dependencies without the working
tree. On this machine they are processes, in Jenkins containers of the release's pod.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from functools import partial
from pathlib import Path

import yaml

from release import paths
from release.charts import helm_repositories, rendering
from release.charts.helm_repositories import PORTS
from release.clients import http
from release.errors import ChartError
from release.images.registries import image_reference
from release.model import services

FOLDER = paths.ROOT / ".charts"
_POD = Path(__file__).with_name("pod.yaml")
_LIMIT = 15.0


@contextmanager
def served(helm: Path, version: int, age: int) -> Iterator[None]:
    """Serve the repositories of a release while the block runs, unless something serves them."""
    repositories = [
        repository
        for repository in helm_repositories.build_repositories(helm, FOLDER, age)
        if repository.chart not in services.NAMES
        or repository.release.partition(".")[0] == str(version)
    ]
    with ExitStack() as stack:
        for repository in repositories:
            if not _answers(repository.chart):
                environment = {
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": str(paths.ROOT / "services" / "charts"),
                    "CHARTS": str(repository.folder),
                    "PORT": str(PORTS[repository.chart]),
                }
                argv = [sys.executable, "-m", "chart_repository"]
                server = subprocess.Popen(argv, env=environment)  # noqa: S603
                stack.enter_context(server)
                stack.callback(server.terminate)
        for repository in repositories:
            if not http.wait_until(partial(_answers, repository.chart), limit=_LIMIT):
                raise ChartError(
                    f"{_address(repository.chart)} does not answer within {_LIMIT:g} s"
                )
        yield


def resolve(helm: Path, version: int, age: int) -> Path:
    """Return catalog's chart with its dependencies as the repositories serve them.

    Raises ChartError if one is not served, or not in the version that the release needs.
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


def release_pod(version: int, registry: str) -> str:
    """Return a pod template for Jenkins's Kubernetes plugin, as YAML: this tool, and the chart
    repositories in exactly the versions that the release needs.
    """
    pod = yaml.safe_load(_POD.read_text())
    tool, template = pod["spec"]["containers"]
    pod["spec"]["containers"] = [tool]
    for chart, port in PORTS.items():
        folder = paths.CHARTS / chart / (f"v{version}" if chart in services.NAMES else "")
        name = f"{chart}-charts"
        image = image_reference(registry, name, rendering.read_chart_version(folder))
        container = {"name": name, "image": image, "ports": [{"containerPort": port}]}
        pod["spec"]["containers"].append(container | deepcopy(template))
    return str(yaml.safe_dump(pod, sort_keys=False))


def _address(chart: str) -> str:
    return f"http://localhost:{PORTS[chart]}"


def _answers(chart: str) -> bool:
    return http.answers(http.url(PORTS[chart], "/index.yaml"))
