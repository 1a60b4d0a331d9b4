"""Renders the charts with real Helm, in a copy, so that the work tree stays as it is."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from release import paths
from release.model import services

ROOT = Path(__file__).parents[2]
CHARTS = ROOT / "charts"
VERSIONS = paths.known_versions()
NEWEST = VERSIONS[-1]
CATALOG, STOCK = f"catalog/v{NEWEST}", f"stock/v{NEWEST}"
"""For tests of what is the same in every version."""
RELEASES = tuple(f"{services.FRONT.name}/v{version}" for version in VERSIONS)
# A chart comes after those that it depends on.
DEPENDENTS = (
    "prometheus-operated",
    *(f"{service}/v{version}" for service in services.NAMES for version in VERSIONS),
    "notice",
    "entrypoint",
    "postgresql",
)
# What a person may begin with, as the values of the charts that are deployed by themselves.
ENVIRONMENTS = dict.fromkeys(RELEASES, "release") | {"entrypoint": "entrypoint"}
SCENARIOS = (
    *(
        f"{chart}:{values.name.removesuffix('-values.yaml')}"
        for chart in DEPENDENTS
        for values in sorted((CHARTS / chart / "ci").glob("*-values.yaml"))
    ),
    *(
        f"{chart}:{folder.name}/{name}"
        for folder in sorted((CHARTS / "environments").iterdir())
        for chart, name in ENVIRONMENTS.items()
    ),
)

Object = dict[str, Any]


def program(name: str, *aliases: str) -> str:
    """Path of a tool: what the variable of its name says, else the one on PATH."""
    on_path = (found for each in (name, *aliases) if (found := shutil.which(each)))
    found = os.environ.get(name.upper()) or next(on_path, None)
    if not found:
        pytest.fail(f"{name} is not on PATH, nor named by {name.upper()}")
    return found


@dataclass(frozen=True)
class Release:
    """What Helm would hand to a cluster, hooks included."""

    namespace: str
    objects: tuple[Object, ...]

    def all(self, *kinds: str) -> Iterator[Object]:
        return (each for each in self.objects if each["kind"] in kinds)

    def one(self, kind: str, name: str) -> Object:
        [found] = [each for each in self.all(kind) if each["metadata"]["name"] == name]
        return found

    def hosts(self) -> set[str]:
        return {each["spec"]["rules"][0]["host"] for each in self.all("Ingress")}

    def pods(self) -> Iterator[tuple[str, Object]]:
        """Name and pod template (metadata, spec) of everything that runs our own images."""
        for each in self.objects:
            if each["kind"] == "Pod":
                yield each["metadata"]["name"], each
            elif each["kind"] in ("Deployment", "StatefulSet", "Job"):
                yield each["metadata"]["name"], each["spec"]["template"]


Render = Callable[[str], Release]


class Helm:
    """Helm with the charts' dependencies built below `folder`; it reads and writes nothing else."""

    def __init__(
        self, program: str, folder: Path, charts: Path = CHARTS, built: Sequence[str] = DEPENDENTS
    ) -> None:
        self._program = program
        self._environment = os.environ | {
            f"HELM_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")
        }
        self.charts = folder / "charts"
        ignored = shutil.ignore_patterns("charts", "Chart.lock")
        # Links are followed, so the copy holds the rules and needs no monitoring folder beside it.
        shutil.copytree(charts, self.charts, ignore=lambda at, names: ignored(at, names))
        for chart in built:
            self.run("dependency", "update", self.charts / chart, check=True)

    def run(self, *arguments: str | Path, check: bool = False) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [self._program, *arguments], env=self._environment, capture_output=True, text=True
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def template(self, chart: str, *options: str, namespace: str = "") -> str:
        """What Helm writes, with `--set` and other options; in the usual namespace by default."""
        namespace = namespace or usual_namespace(chart)
        return self.run(
            "template", namespace, self.charts / chart, "--namespace", namespace, *options,
            check=True,
        ).stdout  # fmt: skip

    def render(self, chart: str, *options: str, namespace: str = "") -> Release:
        """The same, as objects."""
        objects = yaml.load_all(
            self.template(chart, *options, namespace=namespace), yaml.CSafeLoader
        )
        return Release(namespace or usual_namespace(chart), tuple(each for each in objects if each))

    def template_scenario(self, scenario: str) -> str:
        return self.template(*chosen_by(scenario))

    def render_scenario(self, scenario: str) -> Release:
        return self.render(*chosen_by(scenario))

    def refusal(self, chart: str, *options: str) -> str:
        """What Helm says about values that it must not accept."""
        refused = self.run("template", "qv1", self.charts / chart, *options)
        assert refused.returncode != 0, "Helm accepted these values"
        return refused.stderr


def usual_namespace(chart: str) -> str:
    """The one of the chart's version; any will do for a chart that has no API version."""
    return f"qv{chart.partition('/v')[2] or 1}"


def chosen_by(scenario: str) -> tuple[str, str, str]:
    """The chart of a scenario, and the options that name its values."""
    chart, name = scenario.split(":")
    of_chart = CHARTS / chart / "ci" / f"{name}-values.yaml"
    chosen = CHARTS / "environments" / f"{name}.yaml" if "/" in name else of_chart
    return chart, "--values", str(chosen)
