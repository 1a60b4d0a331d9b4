"""A packaged chart, in the file that Helm has named."""

from __future__ import annotations

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
        return self._parts[0]

    @property
    def version(self) -> str:
        """The chart's."""
        return self._parts[2]

    @property
    def _parts(self) -> tuple[str, str, str]:
        return self.path.name.removesuffix(".tgz").rpartition("-")

    def content(self) -> dict[str, bytes]:
        """The files in it by their names, whatever their age."""
        with tarfile.open(self.path) as opened:
            return {
                member.name: file.read()
                for member in opened
                if (file := opened.extractfile(member)) is not None
            }
