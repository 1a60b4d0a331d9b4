"""The command line: every section of commands, registered by its import."""

from __future__ import annotations

from release.cli.command import main
from release.cli.commands import (
    clusters,
    demo,
    ending,
    load,
    packaging,
    pipeline,
    publishing,
    rehearsals,
    releases,
    shifting,
    traffic,
)

__all__ = [
    "clusters",
    "demo",
    "ending",
    "load",
    "main",
    "packaging",
    "pipeline",
    "publishing",
    "rehearsals",
    "releases",
    "shifting",
    "traffic",
]
