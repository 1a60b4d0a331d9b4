"""The command line: every section of commands, registered by its import."""

from __future__ import annotations

from release.command import main
from release.commands import (
    clusters,
    demo,
    ending,
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
    "main",
    "packaging",
    "pipeline",
    "publishing",
    "rehearsals",
    "releases",
    "shifting",
    "traffic",
]
