"""Ending a version: saying so, seeing who still needs it, rehearsing, and removing it."""

from __future__ import annotations

import click

from release import contracts
from release.cli import usage_report
from release.cli.command import command
from release.cli.open_target import open_target
from release.console import note
from release.errors import RefusedError, ReleaseError
from release.lifecycle import brownout as brownouts
from release.lifecycle import deprecate as deprecations
from release.lifecycle.blockers import blockers
from release.lifecycle.decommission import Decommission
from release.settings import Settings
from release.targets.target import Target
from release.toolchain import tools as programs


@command
def deprecate(settings: Settings) -> None:
    """Announce that VERSION will be removed on SUNSET; OFF=1 withdraws the announcement."""
    version = settings.version
    sunset = None if settings.flag("OFF") else settings.sunset
    deprecation = deprecations.deprecate(
        open_target(settings), version, settings.namespace, sunset, settings.link
    )
    if deprecation.since:
        note(
            f"version {version} is deprecated and will be removed on {deprecation.sunset}; "
            f"its successor is version {deprecation.successor}"
        )
    else:
        note(f"version {version} is no longer deprecated")


@command
def consumers(settings: Settings) -> None:
    """Who still calls VERSION, how often, when last, and whose contracts name it."""
    ending = _decommission(settings)
    facts = ending.facts(settings.window)
    needing = contracts.everybody_needing(settings.version)
    if settings.flag("JSON"):
        click.echo(usage_report.as_json(facts, needing))
    else:
        usage_report.show(facts, needing)


@command
def brownout(settings: Settings) -> None:
    """Rehearse the end of VERSION: answer 503 FOR= so long, then recover; list the callers."""
    target, seconds = _deployed(settings), settings.period or 60
    tools = programs.ensure(target.tools)
    result = brownouts.brown_out(target, tools, settings.version, settings.namespace, seconds)
    for consumer, count in sorted(result.refused.items()):
        note(f"{consumer} called {count} times")
    if result.seconds < 1:
        raise ReleaseError(
            f"the rehearsal was over before every process was replaced: give more than {seconds} s "
            "in FOR"
        )
    if result.seconds < seconds:
        note(f"every process answered 503 for {result.seconds:.0f} s of {seconds} s")
    if not result.refused:
        note("nobody called")


@command
def decommission(settings: Settings) -> None:
    """Remove VERSION, unless somebody still needs it; DRY_RUN=1 only tells."""
    version, ending = settings.version, _decommission(settings)
    against = blockers(ending.facts(settings.window))
    for blocker in against:
        note(f"blocked by {blocker}")
    if against and not settings.force:
        raise RefusedError(
            f"version {version} is still needed, for {len(against)} reasons: "
            'to remove it all the same: FORCE="why"'
        )
    if settings.flag("DRY_RUN"):
        note(
            f"{settings.namespace} would be removed, and its host names would answer 410 Gone "
            f"and name version {ending.successor}"
        )
        return
    why = f"forced: {settings.force}" if against else "no consumer needs it"
    ending.remove(why, [str(blocker) for blocker in against])
    note(f"version {version} has been removed; its host names now answer 410 Gone")


def _decommission(settings: Settings) -> Decommission:
    target = _deployed(settings)
    return Decommission(target, programs.ensure(target.tools), settings.version, settings.namespace)


def _deployed(settings: Settings) -> Target:
    """The target. Raises ReleaseError when the release is not deployed there."""
    target = open_target(settings)
    if target.current(settings.namespace) is None:
        raise ReleaseError(f"{settings.namespace} is not deployed: nothing of it can end")
    return target
