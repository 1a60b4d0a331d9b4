"""The status of a target as tables."""

import time

from rich.box import SIMPLE
from rich.table import Table

from release.console import out
from release.model.status import ReleaseStatus, TargetStatus


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


def _age(started: float) -> str:
    seconds = int(time.time() - started)
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h"
