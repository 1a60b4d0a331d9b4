"""A packaged chart, in the file that Helm has named."""

from __future__ import annotations

import re
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Archive:
    """Such a file: `catalog-2.0.0.tgz`."""

    path: Path

    @property
    def name(self) -> str:
        """The chart's."""
        return self._parts["name"]

    @property
    def version(self) -> str:
        """The chart's."""
        return self._parts["version"]

    @property
    def _parts(self) -> re.Match[str]:
        pattern = r"(?P<name>.+?)-(?P<version>\d+\.\d+\.\d+.*)\.tgz"
        found = re.fullmatch(pattern, self.path.name)
        assert found  # noqa: S101 - Helm has named it
        return found

    def content(self) -> dict[str, bytes]:
        """The files in it by their names, whatever their age."""
        with tarfile.open(self.path) as opened:
            return {
                member.name: file.read()
                for member in opened
                if (file := opened.extractfile(member)) is not None
            }
