"""One entry point for both versions, and who gets which share of it."""

from __future__ import annotations

from pathlib import Path

import click

from release import paths
from release.charts import rendering
from release.cli import output
from release.cli.main import main
from release.cli.open_target import open_target
from release.console import note
from release.errors import ReleaseError
from release.lifecycle.entrypoint import EntryPoint
from release.settings import options, types
from release.settings.options import option
from release.settings.target import TargetSettings
from release.targets.target import Target
from release.toolchain import tools as programs


@main.command()
@options.target_options
@option(
    "WEIGHT",
    types.Number(0, 100),
    "Percentage of new visitors for the newest version; without it weights stay as they are.",
)
@options.VALUES
def merge(place: TargetSettings, weight: int | None, values: tuple[Path, ...]) -> None:
    """Put every deployed version behind one host; WEIGHT= percent of visitors go to the newest."""
    target = open_target(place)
    names = target.names
    live = [number for number in paths.known_versions() if target.current(names.version(number))]
    if not live:
        raise ReleaseError("nothing is deployed: make deploy VERSION=1 first")
    _entry(target, place, values).merge(live, weight)
    output.show_status(target.report())


@main.command()
@options.target_options
def rollback(place: TargetSettings) -> None:
    """Send everybody back to the older version at once."""
    version = _entry(open_target(place), place).roll_back()
    note(f"all visitors go to version {version}")


@main.command()
@options.target_options
@options.JSON
def history(place: TargetSettings, as_json: bool) -> None:
    """Who moved what, when, why, and on what evidence."""
    changes = EntryPoint(open_target(place), {}).history()
    if as_json:
        click.echo(output.history_as_json(changes))
    else:
        output.show_history(changes)


def _entry(target: Target, place: TargetSettings, values: tuple[Path, ...] = ()) -> EntryPoint:
    overlays = [rendering.read_values(path) for path in values]
    return EntryPoint(target, programs.ensure(target.tools), place.given_domain, overlays)
