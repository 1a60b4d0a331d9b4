"""Reports as tables for people."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict

from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from release.console import out
from release.contracts import Outcome, VerificationResult
from release.lifecycle.blockers import DecommissionFacts, format_duration
from release.model import services
from release.model.deprecation import announced
from release.model.release import Deployed, Record
from release.model.routing import TrafficSplit
from release.model.status import ReleaseStatus, TargetStatus
from release.pipeline import Result, StageOutcome


def show_status(report: TargetStatus) -> None:
    """Print what runs, where, and what fires."""
    for problem in report.problems:
        out.print(f"! {problem}", style="bold red", markup=False)
    if not report.releases:
        out.print("nothing is deployed: make deploy VERSION=1")
    for release in report.releases:
        _show_release(release)


def _show_release(release: ReleaseStatus) -> None:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(release.deployed_at))
    out.print(
        f"[bold]{release.namespace}[/bold]  version {release.version} ({release.chart_version}), "
        f"revision {release.revision}, deployed {when}"
    )
    if release.reason:
        out.print(f"  forced: {release.reason}", markup=False, style="yellow")
    table = Table(box=SIMPLE, pad_edge=False)
    for column in ("process", "state", "pid", "restarts", "up"):
        table.add_column(column, justify="right" if column in ("pid", "restarts", "up") else "left")
    for process in release.processes:
        table.add_row(
            process.name,
            process.state,
            str(process.pid or ""),
            str(process.restarts),
            _age(process.started) if process.started else "",
        )
    out.print(table)
    for url in release.urls:
        out.print(f"  {url}", markup=False, style="cyan")
    for alert in release.alerts:
        out.print(
            f"  firing: {alert.name} ({alert.component}, {alert.severity}) "
            f"since {alert.since}: {alert.summary}",
            markup=False,
            style="red",
        )
    for host in release.unreachable:
        out.print(f"  {host} does not answer: its alerts are unknown", markup=False, style="yellow")
    out.print()


def show_split(split: TrafficSplit, deployed: Sequence[Deployed]) -> None:
    """Print the share of new visitors that each version gets, and the announced removals."""
    for share in split.shares:
        stays = ", its visitors stay" if share.version == split.drain else ""
        out.print(f"entry point: version {share.version} gets {share.weight} %{stays}")
    for stone in split.tombstones:
        out.print(f"version {stone.version} has been removed: 410 names version {stone.successor}")
    for release in deployed:
        deprecation = announced(release)
        if deprecation.since:
            day = deprecation.sunset
            out.print(f"version {release.version} is deprecated and will be removed on {day}")


def show_history(changes: Sequence[Record]) -> None:
    """Print who moved the traffic, oldest first: a line each, and below it on what evidence."""
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


def history_as_json(changes: Sequence[Record]) -> str:
    """The same for programs."""
    return json.dumps([asdict(record) for record in changes], indent=2)


def _age(started: float) -> str:
    seconds = int(time.time() - started)
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h"


def show_stages(results: Sequence[Result]) -> None:
    """What became of each stage of a pipeline."""
    styles = {StageOutcome.DONE: "green", StageOutcome.FAILED: "bold red"}
    table = Table(box=SIMPLE, pad_edge=False)
    for column in ("stage", "outcome", "seconds", ""):
        table.add_column(column, justify="right" if column == "seconds" else "left")
    for result in results:
        style = styles.get(result.outcome, "dim")
        seconds = f"{result.seconds:.1f}" if result.seconds else ""
        table.add_row(result.stage, f"[{style}]{result.outcome}[/]", seconds, escape(result.why))
    out.print(table)


def show_usage(facts: DecommissionFacts, needing: Sequence[VerificationResult]) -> None:
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


def usage_as_json(facts: DecommissionFacts, needing: Sequence[VerificationResult]) -> str:
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


_STYLES = {Outcome.YES: "green", Outcome.NO: "red", Outcome.UNKNOWN: "yellow"}


def show_matrix(pairs: Sequence[VerificationResult]) -> None:
    """A row for each consumer, a column for each version of stock, then every reason in a line."""
    versions = sorted({pair.provider_version for pair in pairs})
    table = Table(box=SIMPLE, pad_edge=False)
    for heading in ("consumer", "needs", *(f"stock v{version}" for version in versions)):
        table.add_column(heading)
    for consumer in dict.fromkeys(pair.consumer for pair in pairs):
        row = {pair.provider_version: pair for pair in pairs if pair.consumer == consumer}
        cells = [_cell(row.get(version)) for version in versions]
        table.add_row(consumer.name, f"v{consumer.needs}", *cells)
    out.print(table)
    for pair in pairs:
        if not pair.compatible:
            out.print(f"  {pair}", markup=False, style="bold red" if pair.needed else None)


def _cell(pair: VerificationResult | None) -> str:
    if pair is None:
        return ""
    return f"[{_STYLES[pair.outcome]}]{pair.outcome}[/]"
