"""One entry point for both versions, and who gets which share of it."""

from __future__ import annotations

import click

from release import paths
from release.charts import rendering
from release.cli import tables
from release.cli.command import command
from release.cli.open_target import open_target
from release.console import note
from release.errors import ReleaseError
from release.lifecycle.entrypoint import EntryPoint
from release.settings import Settings
from release.targets.target import Target
from release.toolchain import tools as programs


@command
def merge(settings: Settings) -> None:
    """Put every deployed version behind one host; WEIGHT= percent of visitors go to the newest."""
    target = open_target(settings)
    names = target.names
    live = [number for number in paths.known_versions() if target.current(names.version(number))]
    if not live:
        raise ReleaseError("nothing is deployed: make deploy VERSION=1 first")
    weight = settings.weight
    if weight is None and not settings.keeps_weights and len(live) > 1:
        weight = 50
    _entry(target, settings).merge(live, weight)
    tables.show(target.report())


@command
def rollback(settings: Settings) -> None:
    """Send everybody back to the older version at once."""
    version = _entry(open_target(settings), settings).roll_back()
    note(f"all visitors go to version {version}")


@command
def history(settings: Settings) -> None:
    """Who moved what, when, why, and on what evidence."""
    changes = EntryPoint(open_target(settings), {}).history()
    if settings.flag("JSON"):
        click.echo(tables.history_as_json(changes))
    else:
        tables.show_history(changes)


def _entry(target: Target, settings: Settings) -> EntryPoint:
    overlays = [rendering.read_values(path) for path in settings.values_files]
    return EntryPoint(target, programs.ensure(target.tools), settings.given_domain, overlays)
