"""Ending a version: saying so, seeing who still needs it, rehearsing, and removing it."""

from __future__ import annotations

import click

from release import contracts, paths
from release.cli import usage_report
from release.cli.command import command
from release.cli.open_target import open_target
from release.console import note
from release.errors import RefusedError, ReleaseError, UsageError
from release.lifecycle.blockers import blockers
from release.lifecycle.decommission import Decommission
from release.lifecycle.deploy import Rollout
from release.model.deprecation import Deprecation, announce, announced
from release.settings import Settings
from release.toolchain import tools as programs


@command
def deprecate(settings: Settings) -> None:
    """Announce that VERSION ends on SUNSET; OFF=1 takes it back."""
    version, target = settings.version, open_target(settings)
    target.check()
    before = announced(target.current(settings.namespace))
    if settings.flag("OFF"):
        wanted = Deprecation()
    else:
        wanted = announce(before, settings.sunset, settings.link, _successor(version))
    rollout = Rollout(target, programs.ensure(target.tools), version, settings.namespace)
    with target.lock(f"make deprecate VERSION={version}"):
        rollout.amend(wanted.as_values())
    if wanted.since:
        note(f"version {version} ends on {wanted.sunset}; {wanted.successor} comes after it")
    else:
        note(f"version {version} is not deprecated any more")


@command
def consumers(settings: Settings) -> None:
    """Who still calls VERSION, how often, when last, and whose contracts name it."""
    ending = _ending(settings)
    facts = ending.facts(settings.window)
    needing = contracts.everybody_needing(settings.version)
    if settings.flag("JSON"):
        click.echo(usage_report.as_json(facts, needing))
    else:
        usage_report.show(facts, needing)


@command
def brownout(settings: Settings) -> None:
    """Rehearse the end of VERSION: 503 FOR= so long, then back by itself; who called is listed."""
    ending, seconds = _ending(settings), settings.period or 60
    found = ending.brown_out(seconds)
    for consumer, count in sorted(found.called.items()):
        note(f"{consumer} called {count} times")
    if found.seconds < 1:
        raise ReleaseError(
            f"the rehearsal was over before every process was replaced: give more than {seconds} s "
            "in FOR"
        )
    if found.seconds < seconds:
        note(f"every process answered 503 for {found.seconds:.0f} s of {seconds} s")
    if not found.called:
        note("nobody called")


@command
def decommission(settings: Settings) -> None:
    """Remove VERSION, unless somebody still needs it; DRY_RUN=1 only tells."""
    version, ending = settings.version, _ending(settings)
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
            f"{settings.namespace} would be removed, and its hosts answer 410 "
            f"in the name of version {ending.successor}"
        )
        return
    why = f"forced: {settings.force}" if against else "nobody needs it"
    ending.remove(why, [str(blocker) for blocker in against])
    note(f"version {version} is gone; its hosts say so")


def _ending(settings: Settings) -> Decommission:
    target = open_target(settings)
    if target.current(settings.namespace) is None:
        raise ReleaseError(f"{settings.namespace} is not deployed: nothing of it can end")
    return Decommission(target, programs.ensure(target.tools), settings.version, settings.namespace)


def _successor(version: int) -> int:
    later = [number for number in paths.known_versions() if number > version]
    if not later:
        raise UsageError(f"VERSION={version} is the newest: nothing comes after it")
    return later[0]
