"""Helm: builds a release's chart with its dependencies, and renders it to Kubernetes objects."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from release import paths
from release.errors import ChartError, ToolError, UsageError
from release.files import private_folder
from release.images.sources import content_hash
from release.model.objects import Object
from release.toolchain.subprocesses import run


def build(helm: Path, cache: Path) -> Path:
    """The folder of all charts, with their dependencies built.

    Built in `cache`, under the hash of every chart and rule: the work tree stays as it is, and a
    second call is a look-up. What was built before goes: whoever calls holds the cache alone.
    """
    built = cache / content_hash(paths.CHARTS, paths.MONITORING)[:16]
    if not built.exists():
        with tempfile.TemporaryDirectory(dir=private_folder(cache)) as scratch:
            work = Path(scratch) / "charts"
            shutil.copytree(paths.CHARTS, work, ignore=shutil.ignore_patterns("*.tgz"))
            for number in paths.known_versions():
                # Helm packs a dependency as it finds it, so the inner one comes first.
                for service in ("stock", "catalog"):
                    run_helm(
                        helm,
                        ["dependency", "update", "--skip-refresh", work / service / f"v{number}"],
                    )
            for chart in ("notice", "entrypoint", "postgresql"):
                run_helm(helm, ["dependency", "update", "--skip-refresh", work / chart])
            work.rename(built)
        # Revisions hold what was rendered: nobody reads charts of another content again.
        for other in cache.iterdir():
            if other != built:
                shutil.rmtree(other)
    return built


def of_version(built: Path, version: int) -> Path:
    """The chart that a release of a version is installed from."""
    return built / "catalog" / f"v{version}"


def of_entrypoint(built: Path) -> Path:
    """The chart of the one host for every version."""
    return built / "entrypoint"


def of_database(built: Path) -> Path:
    """The chart of the inventory on a cluster."""
    return built / "postgresql"


def read(path: Path) -> dict[str, Any]:
    """A values file. Raises UsageError when it is none."""
    try:
        values = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"VALUES={path} cannot be read as YAML: {reason}") from error
    if values is not None and not isinstance(values, dict):
        raise UsageError(f"VALUES={path} holds no mapping of values")
    return values or {}


def merge(values: Mapping[str, Any], *overlays: Mapping[str, Any]) -> dict[str, Any]:
    """Values over values, as Helm does it: maps are merged, anything else is replaced."""
    merged = dict(values)
    for overlay in overlays:
        for key, value in overlay.items():
            both = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = merge(merged[key], value) if both else value
    return merged


def render(helm: Path, chart: Path, namespace: str, values: Mapping[str, Any]) -> list[Object]:
    """Every object of the release, hooks included, in Helm's order; the release is named like its
    namespace. Raises ChartError when a value breaks the schema.
    """
    argv: list[str | Path] = [
        "template",
        namespace,
        chart,
        "--namespace",
        namespace,
        "--values",
        "-",
    ]
    text = run_helm(helm, argv, stdin=json.dumps(values))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [document for document in yaml.load_all(text, Loader=loader) if document]


def chart_version(chart: Path) -> str:
    """The version of a chart, as in Chart.yaml."""
    return str(yaml.safe_load((chart / "Chart.yaml").read_text())["version"])


def run_helm(
    helm: Path, argv: Sequence[str | Path], stdin: str | None = None, home: str | None = None
) -> str:
    """What Helm says; what it remembers is in `home`. Raises ChartError with its reason."""
    # Helm reads its own settings, plugins and proxies from the environment: give it none.
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": home or tempfile.gettempdir(),
        "HELM_PLUGINS": os.devnull,
    }
    try:
        return run([helm, *argv], env=environment, stdin=stdin, timeout=120)
    except ToolError as error:
        raise ChartError(_one_line(error)) from error


def _one_line(error: ToolError) -> str:
    output = getattr(error.__cause__, "stderr", None) or str(error)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    # A schema violation is reported as a header line, the chart, then "- at '/path': reason" lines.
    reasons = [line.removeprefix("- ") for line in lines if line.startswith("- at ")]
    if reasons:
        return "the values break the chart's schema: " + "; ".join(reasons)
    said = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    # A template's own `fail`: "execution error at (chart/templates/file.yaml:1:2): words".
    reason = (said or lines or ["failed"])[0]
    return "helm: " + re.sub(r"^execution error at \([^)]*\): ", "", reason)
