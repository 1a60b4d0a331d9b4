"""The command line: every section of commands, registered by its import."""

from release.cli.command import main, variables
from release.cli.commands import (  # noqa: F401
    clusters,
    contracts,
    demo,
    ending,
    load,
    packaging,
    pipeline,
    rehearsals,
    releases,
    shifting,
    traffic,
)

__all__ = ["main", "variables"]
