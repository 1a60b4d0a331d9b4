"""The command line: every section of commands, registered by its import."""

from __future__ import annotations

from release.command import main
from release.commands import rehearsals, releases, traffic

__all__ = ["main", "rehearsals", "releases", "traffic"]
