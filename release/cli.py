"""The command line: every section of commands, registered by its import."""

from __future__ import annotations

from release.command import main
from release.commands import ending, publishing, rehearsals, releases, shifting, traffic

__all__ = ["ending", "main", "publishing", "rehearsals", "releases", "shifting", "traffic"]
