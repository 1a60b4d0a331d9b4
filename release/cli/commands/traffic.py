"""Route visitors: merge versions behind one host, roll back, show the history."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from release import paths
from release.charts import rendering
from release.cli import output
from release.cli.main import main
from release.cli.open_target import open_target
from release.console import note, out
from release.errors import ReleaseError
from release.lifecycle.entrypoint import EntryPoint
from release.model.release import Record
from release.settings import options, types
from release.settings.options import option
from release.settings.target import TargetSettings
from release.targets.target import Target, fetch_tools


@main.command()
@options.target_options
@option(
    "WEIGHT",
    types.Number(0, 100),
    "Percentage of new visitors for the newest version; without it weights stay as they are.",
)
@options.VALUES
def merge(place: TargetSettings, weight: int | None, values: tuple[Path, ...]) -> None:
    """Put the deployed versions behind one host; the newest gets WEIGHT percent of new visitors."""
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
    """Return all visitors to the older version at once."""
    version = _entry(open_target(place), place).roll_back()
    note(f"all visitors go to version {version}")


@main.command()
@options.target_options
@options.JSON
def history(place: TargetSettings, as_json: bool) -> None:
    """Show who moved traffic, when, why and on what evidence."""
    changes = EntryPoint(open_target(place)).history()
    if as_json:
        click.echo(json.dumps([asdict(record) for record in changes], indent=2))
    else:
        _show_history(changes)


def _entry(target: Target, place: TargetSettings, values: tuple[Path, ...] = ()) -> EntryPoint:
    fetch_tools(target)
    overlays = [rendering.read_values(path) for path in values]
    return EntryPoint(target, place.given_domain, overlays)


def _show_history(changes: Sequence[Record]) -> None:
    """Print a line for each change, oldest first, and below it the evidence."""
    if not changes:
        out.print("the entry point never changed: make merge")
    for record in changes:
        change = record.change
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.at))
        shares = change["weights"].items()
        weights = ", ".join(f"v{version} {weight} %" for version, weight in shares)
        line = f"{record.revision:3}  {when}  {change['action']}  {weights or 'no version'}"
        out.print(f"{line}  {change['by']}: {change['why']}", markup=False, soft_wrap=True)
        for name, value in change["evidence"].items():
            for each in value if isinstance(value, list) else [value]:
                said = f"{'':26} {name}: {each}"
                out.print(said, markup=False, style="dim", soft_wrap=True)
