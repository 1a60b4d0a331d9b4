"""A packaged chart: `catalog-2.0.0.tgz`."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path


class ChartArchive:
    """A file that `helm package` has made; it holds the chart's `name` and `version`."""

    def __init__(self, path: Path) -> None:
        match = re.fullmatch(r"(.+?)-(\d+\.\d+\.\d+.*)\.tgz", path.name)
        assert match  # noqa: S101 - Helm names it so
        self.path, self.name, self.version = path, match[1], match[2]

    def read_files(self) -> dict[str, bytes]:
        """Return the content of each file by its name; their ages do not count."""
        with tarfile.open(self.path) as opened:
            return {
                member.name: file.read()
                for member in opened
                if (file := opened.extractfile(member)) is not None
            }
