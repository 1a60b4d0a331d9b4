"""One entry point for both versions, and who gets which share of it."""

from __future__ import annotations

import click

from release import paths
from release.charts import charts
from release.cli import tables
from release.cli.command import command
from release.cli.open_target import open_target
from release.console import note, step
from release.errors import ReleaseError, UsageError
from release.lifecycle.entrypoint import EntryPoint
from release.model.layout import Layout, Share
from release.model.names import Names
from release.settings import Settings
from release.targets import Target
from release.toolchain import tools as programs


@command
def merge(settings: Settings) -> None:
    """Put every deployed version behind one host; WEIGHT= percent of visitors go to the newest."""
    target = open_target(settings)
    names = target.names
    live = [number for number in paths.known_versions() if target.current(names.version(number))]
    if not live:
        raise ReleaseError("nothing is deployed: make deploy VERSION=1 first")
    entry = _entry(target, settings)
    layout = entry.layout()
    if settings.keeps_weights and {share.version for share in layout.shares} == set(live[-2:]):
        note(f"as it is: {_said(layout.shares)} of new visitors")
        return
    shares = _shares(
        live, 0 if settings.keeps_weights and len(live) > 1 else settings.weight, names
    )
    with step("merging " + " and ".join(f"version {share.version}" for share in shares)):
        entry.lay_out(
            Layout(shares, layout.tombstones),
            action="merge",
            why=f"{_said(shares)} of new visitors",
        )
    note(f"{_said(shares)} of new visitors")
    tables.show(target.report())


def _shares(live: list[int], weight: int | None, names: Names) -> tuple[Share, ...]:
    """The newest version gets `weight` percent, the one before it the rest."""
    if len(live) == 1:
        if weight not in (None, 100):
            raise UsageError(f"WEIGHT={weight}: version {live[0]} is the only one that is deployed")
        return (Share(live[0], names.version(live[0]), 100),)
    old, new = live[-2:]
    part = 50 if weight is None else weight
    return Share(old, names.version(old), 100 - part), Share(new, names.version(new), part)


def _said(shares: tuple[Share, ...]) -> str:
    return ", ".join(f"version {share.version}: {share.weight} %" for share in shares)


@command
def rollback(settings: Settings) -> None:
    """Send everybody back to the older version at once."""
    entry = _entry(open_target(settings), settings)
    weights = entry.weights()
    oldest = min(weights)
    with step(f"sending everybody to version {oldest}"):
        everybody = {version: 100 if version == oldest else 0 for version in weights}
        entry.move(everybody, action="rollback", why="asked for by hand", wait=60)


@command
def history(settings: Settings) -> None:
    """Who moved what, when, why, and on what evidence."""
    changes = EntryPoint(open_target(settings), {}).history()
    if settings.flag("JSON"):
        click.echo(tables.history_as_json(changes))
    else:
        tables.show_history(changes)


def _entry(target: Target, settings: Settings) -> EntryPoint:
    overlays = [charts.read(path) for path in settings.values_files]
    return EntryPoint(target, programs.ensure(target.tools), settings.given_domain, overlays)
