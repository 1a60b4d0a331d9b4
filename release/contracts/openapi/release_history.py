"""What each release promised: one description per chart version, kept for good.

A chart version names exactly one description. Within a major version each may only add to the one
before it; see docs/openapi.md.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from openapi_diff.comparison import breaking
from release import paths
from release.contracts.errors import ContractError
from release.model import services

KEPT = Path("contracts", "openapi", "released")
HOW = ".venv/bin/python -m release openapi --keep"
Number = tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """One service in one major version, as the project in `root` has it."""

    service: str
    major: int
    root: Path = paths.ROOT

    def __str__(self) -> str:
        return f"{self.service} {self.major}"

    @cached_property
    def version(self) -> Number:
        """The version of the chart, which is the one that the next deploy brings out."""
        chart = self.root / "charts" / self.service / f"v{self.major}" / "Chart.yaml"
        return _number(str(yaml.safe_load(chart.read_text())["version"]))

    @cached_property
    def description(self) -> Any:
        """The description as a service of that chart version serves it."""
        folder = self.root / "services" / self.service / self.service / f"v{self.major}"
        written = json.loads((folder / "openapi.json").read_text())
        return {**written, "info": {**written["info"], "version": _text(self.version)}}

    def file(self, version: Number) -> Path:
        """Where the description of a release is kept."""
        return self.root / KEPT / self.service / f"{_text(version)}.json"

    def kept(self) -> list[Number]:
        """The releases whose description is kept, the oldest first."""
        found = (_number(path.stem) for path in self.file(self.version).parent.glob("*.json"))
        return sorted(number for number in found if number[0] == self.major)

    def released(self, version: Number) -> Any:
        """The description that was kept for a release."""
        return json.loads(self.file(version).read_text())


def complaints(line: Line) -> list[str]:
    """What is wrong with the releases of a line, one sentence each; none when all is well."""
    kept, version = line.kept(), _text(line.version)
    found = [
        f"{line} {_text(after)} breaks who relies on {_text(before)}: {change}"
        for before, after in pairwise(kept)
        for change in breaking(line.released(before), line.released(after))
    ]
    if line.version not in kept:
        found += _breaks(line)
        found.append(f"what {line} {version} promises is not kept yet: {HOW}")
    elif line.released(line.version) != line.description:
        found += _breaks(line)
        found.append(
            f"{line} does not say what {version} promised:"
            f" give its chart the next version, and {HOW}"
        )
    found += [
        f"{line} has kept {_text(later)}, but its chart is {version}"
        for later in kept
        if later > line.version
    ]
    return found


def keep(line: Line) -> Path | None:
    """Keep what the current chart version promises; None when it is kept already.

    ContractError when that would break who relies on the release before, or change a release.
    """
    if line.version in line.kept():
        if line.released(line.version) == line.description:
            return None
        raise ContractError(
            f"{line} {_text(line.version)} promised something else: give its chart the next version"
        )
    for sentence in _breaks(line):
        raise ContractError(f"{sentence}; that needs a new major version")
    target = line.file(line.version)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(line.description, indent=1) + "\n")
    return target


def lines(root: Path = paths.ROOT) -> list[Line]:
    """Every service in every major version."""
    versions = paths.known_versions()
    return [Line(service, major, root) for service in services.NAMES for major in versions]


def _breaks(line: Line) -> list[str]:
    earlier = [number for number in line.kept() if number <= line.version]
    if not earlier:
        return []
    changes = breaking(line.released(earlier[-1]), line.description)
    return [f"{line} would break who relies on {_text(earlier[-1])}: {each}" for each in changes]


def _number(text: str) -> Number:
    if not re.fullmatch(r"\d+\.\d+\.\d+", text):
        raise ContractError(f"{text} is not a version such as 1.0.1")
    return tuple(int(part) for part in text.split("."))


def _text(number: Number) -> str:
    return ".".join(map(str, number))
