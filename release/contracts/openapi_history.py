"""The OpenAPI descriptions that releases promised: one for each chart version, kept for good.

A chart version names exactly one description. Within a major version each release may only add to
the one before it; see docs/openapi.md.
"""

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
from release.contracts.pact import ContractError
from release.model import services

RELEASED = Path("contracts", "openapi", "released")
HOW = ".venv/bin/python -m release openapi --keep"
Number = tuple[int, ...]


@dataclass(frozen=True)
class ReleaseLine:
    """One service in one major version, in the project at `root`."""

    service: str
    major: int
    root: Path = paths.ROOT

    def __str__(self) -> str:
        return f"{self.service} {self.major}"

    @cached_property
    def version(self) -> Number:
        """The chart version, which the next deploy releases."""
        chart = self.root / "charts" / self.service / f"v{self.major}" / "Chart.yaml"
        return _parse(str(yaml.safe_load(chart.read_text())["version"]))

    @cached_property
    def description(self) -> Any:
        """The description as a service of that chart version serves it."""
        folder = self.root / "services" / self.service / self.service / f"v{self.major}"
        written = json.loads((folder / "openapi.json").read_text())
        return {**written, "info": {**written["info"], "version": _format(self.version)}}

    def file(self, version: Number) -> Path:
        return self.root / RELEASED / self.service / f"{_format(version)}.json"

    def recorded_versions(self) -> list[Number]:
        """Return the releases with a recorded description, the oldest first."""
        found = (_parse(path.stem) for path in self.file(self.version).parent.glob("*.json"))
        return sorted(number for number in found if number[0] == self.major)

    def recorded(self, version: Number) -> Any:
        return json.loads(self.file(version).read_text())


def find_violations(line: ReleaseLine) -> list[str]:
    """Return a sentence for each thing that is wrong with the releases of a line."""
    recorded, version = line.recorded_versions(), _format(line.version)
    found = [
        f"{line} {_format(after)} breaks who relies on {_format(before)}: {change}"
        for before, after in pairwise(recorded)
        for change in breaking(line.recorded(before), line.recorded(after))
    ]
    if line.version not in recorded:
        found += _find_breaks(line)
        found.append(f"what {line} {version} promises is not kept yet: {HOW}")
    elif line.recorded(line.version) != line.description:
        found += _find_breaks(line)
        found.append(
            f"{line} does not say what {version} promised:"
            f" give its chart the next version, and {HOW}"
        )
    later = (number for number in recorded if number > line.version)
    found += [f"{line} has kept {_format(each)}, but its chart is {version}" for each in later]
    return found


def record_release(line: ReleaseLine) -> Path | None:
    """Record the description of the current chart version; None if it is recorded already.

    Raises ContractError if it would change a release, or break consumers of the release before.
    """
    if line.version in line.recorded_versions():
        if line.recorded(line.version) == line.description:
            return None
        raise ContractError(
            f"{line} {_format(line.version)} promised something else: "
            "give its chart the next version"
        )
    for sentence in _find_breaks(line):
        raise ContractError(f"{sentence}; that needs a new major version")
    target = line.file(line.version)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(line.description, indent=1) + "\n")
    return target


def release_lines() -> list[ReleaseLine]:
    """Return every service in every major version."""
    versions = paths.known_versions()
    return [ReleaseLine(service, major) for service in services.NAMES for major in versions]


def _find_breaks(line: ReleaseLine) -> list[str]:
    earlier = [number for number in line.recorded_versions() if number <= line.version]
    if not earlier:
        return []
    changes = breaking(line.recorded(earlier[-1]), line.description)
    return [f"{line} would break who relies on {_format(earlier[-1])}: {each}" for each in changes]


def _parse(text: str) -> Number:
    if not re.fullmatch(r"\d+\.\d+\.\d+", text):
        raise ContractError(f"{text} is not a version such as 1.0.1")
    return tuple(int(part) for part in text.split("."))


def _format(number: Number) -> str:
    return ".".join(map(str, number))
