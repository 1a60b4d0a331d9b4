"""Builds the charts with their dependencies, and renders them to Kubernetes objects."""

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
from release.images.contents import hash_folders
from release.model import services
from release.model.objects import Object
from release.toolchain.subprocesses import run


def build_charts(helm: Path, cache: Path) -> Path:
    """Return the folder of all charts, with their dependencies built.

    The folder lies in `cache`, named by the hash of every chart and rule; it is built once, and
    older builds are removed. The caller must hold the cache alone.
    """
    built = cache / hash_folders(paths.CHARTS, paths.MONITORING)[:16]
    if not built.exists():
        with tempfile.TemporaryDirectory(dir=private_folder(cache)) as scratch:
            work = Path(scratch) / "charts"
            shutil.copytree(paths.CHARTS, work, ignore=shutil.ignore_patterns("*.tgz"))
            for chart in (*list_charts(), "postgresql"):
                update_dependencies(helm, work / chart)
            work.rename(built)
        # Recorded revisions hold rendered objects, so nothing reads older charts.
        for other in cache.iterdir():
            if other != built:
                shutil.rmtree(other)
    return built


def list_charts() -> list[str]:
    """Return the charts of all releases, dependencies first: Helm packs them as it finds them."""
    versions = paths.known_versions()
    charts = [f"{service}/v{number}" for number in versions for service in services.NAMES]
    return [*charts, "notice", "entrypoint"]


def update_dependencies(helm: Path, chart: Path) -> None:
    """Pack the dependencies of a chart into its folder `charts`."""
    run_helm(helm, ["dependency", "update", "--skip-refresh", chart])


def version_chart(built: Path, version: int) -> Path:
    """Return the chart that a release of a version is installed from."""
    return built / services.FRONT.name / f"v{version}"


def read_values(path: Path) -> dict[str, Any]:
    """Read a values file. Raises UsageError if it is not a YAML mapping."""
    try:
        values = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"VALUES={path} cannot be read as YAML: {reason}") from error
    if values is not None and not isinstance(values, dict):
        raise UsageError(f"VALUES={path} holds no mapping of values")
    return values or {}


def merge_values(values: Mapping[str, Any], *overlays: Mapping[str, Any]) -> dict[str, Any]:
    """Merge values as Helm does: maps are merged, anything else is replaced."""
    merged = dict(values)
    for overlay in overlays:
        for key, value in overlay.items():
            both = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = merge_values(merged[key], value) if both else value
    return merged


def render_chart(
    helm: Path, chart: Path, namespace: str, values: Mapping[str, Any]
) -> list[Object]:
    """Return every object of the release, hooks included, in Helm's order.

    The release has the name of its namespace. Raises ChartError if the values break the schema.
    """
    options = ["--namespace", namespace, "--values", "-"]
    text = run_helm(helm, ["template", namespace, chart, *options], stdin=json.dumps(values))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [document for document in yaml.load_all(text, Loader=loader) if document]


def read_chart_version(chart: Path) -> str:
    """Read the version of a chart from its Chart.yaml."""
    return str(yaml.safe_load((chart / "Chart.yaml").read_text())["version"])


def run_helm(
    helm: Path, argv: Sequence[str | Path], stdin: str | None = None, home: str | None = None
) -> str:
    """Run Helm with its caches in `home`, and return its output. Raises ChartError."""
    # Helm reads settings, plugins and proxies from the environment: give it none.
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": home or tempfile.gettempdir(),
        "HELM_PLUGINS": os.devnull,
    }
    try:
        return run([helm, *argv], env=environment, stdin=stdin, timeout=120)
    except ToolError as error:
        raise ChartError(_reason_in_one_line(error)) from error


def _reason_in_one_line(error: ToolError) -> str:
    output = getattr(error.__cause__, "stderr", None) or str(error)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    # A schema violation is reported as a header line, the chart, then "- at '/path': reason" lines.
    violations = [line.removeprefix("- ") for line in lines if line.startswith("- at ")]
    if violations:
        return "the values break the chart's schema: " + "; ".join(violations)
    errors = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    # A template's own `fail`: "execution error at (chart/templates/file.yaml:1:2): words".
    reason = (errors or lines or ["failed"])[0]
    return "helm: " + re.sub(r"^execution error at \([^)]*\): ", "", reason)
