"""End a version: announce it, find who still needs it, rehearse it, and remove the version."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import click
from rich.box import SIMPLE
from rich.table import Table

from release.cli.main import main
from release.cli.open_target import open_target
from release.console import note, out
from release.contracts import VerificationResult, check_consumers
from release.errors import RefusedError, ReleaseError, UsageError
from release.lifecycle import brownout as brownouts
from release.lifecycle import deprecate as deprecations
from release.lifecycle.blockers import DecommissionFacts, blockers, format_duration
from release.lifecycle.decommission import Decommission
from release.model import services
from release.settings import options, types
from release.settings.options import option
from release.settings.target import TargetSettings
from release.targets.target import Target, fetch_tools


@main.command()
@options.target_options
@options.release_options
@option("SUNSET", types.Day(), "Day of the removal, as in 2027-03-01.")
@option(
    "LINK",
    types.Pattern(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]{1,980}", "give an http(s) address"),
    "Page that explains the removal.",
    default="",
)
@options.OFF
def deprecate(
    place: TargetSettings, version: int, namespace: str, sunset: date | None, link: str, off: bool
) -> None:
    """Announce that VERSION will be removed on SUNSET; OFF=1 withdraws the announcement."""
    if sunset is None and not off:
        raise UsageError("SUNSET is missing: give a date, as in SUNSET=2027-03-01")
    deprecation = deprecations.deprecate(
        open_target(place), version, namespace, None if off else sunset, link
    )
    if deprecation.since:
        note(
            f"version {version} is deprecated and will be removed on {deprecation.sunset}; "
            f"its successor is version {deprecation.successor}"
        )
    else:
        note(f"version {version} is no longer deprecated")


@main.command()
@options.target_options
@options.release_options
@options.WINDOW
@options.JSON
def consumers(
    place: TargetSettings, version: int, namespace: str, window: int, as_json: bool
) -> None:
    """List who still calls VERSION, how often and when last, and whose contracts need it."""
    ending = _decommission(place, version, namespace)
    facts = ending.facts(window)
    needing = check_consumers(version)
    if as_json:
        click.echo(_usage_as_json(facts, needing))
    else:
        _show_usage(facts, needing)


@main.command()
@options.target_options
@options.release_options
@options.FOR
def brownout(place: TargetSettings, version: int, namespace: str, seconds: int) -> None:
    """Rehearse the end of VERSION: answer 503 for the time FOR, then recover; list the callers."""
    target = _deployed(place, namespace)
    result = brownouts.brown_out(target, version, namespace, seconds)
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


@main.command()
@options.target_options
@options.release_options
@options.WINDOW
@options.DRY_RUN
@options.FORCE
def decommission(
    place: TargetSettings, version: int, namespace: str, window: int, dry_run: bool, force: str
) -> None:
    """Remove VERSION unless somebody still needs it; DRY_RUN=1 only checks."""
    ending = _decommission(place, version, namespace)
    against = blockers(ending.facts(window))
    for blocker in against:
        note(f"blocked by {blocker}")
    if against and not force:
        raise RefusedError(
            f"version {version} is still needed, for {len(against)} reasons: "
            'to remove it all the same: FORCE="why"'
        )
    if dry_run:
        note(
            f"{namespace} would be removed, and its host names would answer 410 Gone "
            f"and name version {ending.successor}"
        )
        return
    why = f"forced: {force}" if against else "no consumer needs it"
    ending.remove(why, [str(blocker) for blocker in against])
    note(f"version {version} has been removed; its host names now answer 410 Gone")


def _decommission(place: TargetSettings, version: int, namespace: str) -> Decommission:
    target = _deployed(place, namespace)
    return Decommission(target, version, namespace)


def _deployed(place: TargetSettings, namespace: str) -> Target:
    """Return the target. Raises ReleaseError if the release is not deployed there."""
    target = open_target(place)
    if target.current(namespace) is None:
        raise ReleaseError(f"{namespace} is not deployed: nothing of it can end")
    fetch_tools(target)
    return target


def _show_usage(facts: DecommissionFacts, needing: Sequence[VerificationResult]) -> None:
    """Print the callers of each service, and whose contracts name the version."""
    table = Table(box=SIMPLE, pad_edge=False)
    for column in ("service", "consumer", "requests", "a minute", "last seen"):
        table.add_column(column, justify="right" if column in ("requests", "a minute") else "left")
    for service, usage in facts.usage.items():
        for caller in usage.callers:
            own = caller.consumer in services.callers(service)
            table.add_row(
                service,
                f"{caller.consumer} (its own)" if own else caller.consumer,
                str(caller.requests),
                f"{caller.requests * 60 / usage.window:.1f}",
                time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(caller.last_seen)),
            )
    out.print(table)
    for service, usage in facts.usage.items():
        watched, window = format_duration(usage.watched), format_duration(usage.window)
        style = "" if usage.is_complete else "yellow"
        out.print(f"{service} was watched for {watched} of {window}", style=style)
    for service, reason in facts.unanswered.items():
        out.print(f"who calls {service} is not known: {reason}", markup=False, style="red")
    for result in needing:
        whose = f"{result.consumer.name} ({result.consumer.contact})"
        out.print(f"contract: {whose}: {result.outcome}", markup=False)


def _usage_as_json(facts: DecommissionFacts, needing: Sequence[VerificationResult]) -> str:
    """{"callers": [...], "watched": {service: seconds}, "unanswered": {...}, "contracts": [...]}"""
    return json.dumps(
        {
            "version": facts.version,
            "callers": [
                asdict(caller) | {"own": caller.consumer in services.callers(service)}
                for service, usage in facts.usage.items()
                for caller in usage.callers
            ],
            "watched": {service: usage.watched for service, usage in facts.usage.items()},
            "unanswered": facts.unanswered,
            "contracts": [
                {
                    "consumer": result.consumer.name,
                    "contact": result.consumer.contact,
                    "outcome": str(result.outcome),
                }
                for result in needing
            ],
        },
        indent=2,
    )
