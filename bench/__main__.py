"""`python -m bench`: run every benchmark, or those that BENCH names, and print one table.

Exit code 1 when an aim is missed, 2 for an unknown name.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from rich.box import SIMPLE
from rich.table import Table

from bench import (
    BenchError,
    Measurement,
    canary,
    cluster,
    contract_matrix,
    deploy_time,
    instrumentation,
    memory,
    redeploy,
)
from bench.canary import live
from bench.signals import limit_time
from release.console import err, note, out

LIMIT = 1800
"""Seconds after which the run is broken off and its shop removed."""

QUESTIONS: dict[str, Callable[[], Measurement]] = {
    "instrumentation": instrumentation.measure,
    "deploy": deploy_time.measure_second_version,
    "releases": deploy_time.measure_many_releases,
    "memory": memory.measure,
    "redeploy": redeploy.measure,
    "contracts": contract_matrix.measure,
    "canary": canary.measure,
    "shift": live.measure,
    "cluster": cluster.measure,
}


def main() -> int:
    """Run the benchmarks; return the exit code."""
    names = os.environ.get("BENCH", "").replace(",", " ").split() or _default_names()
    unknown = [name for name in names if name not in QUESTIONS]
    if unknown:
        note(f"error: BENCH={unknown[0]} is not known: give some of {', '.join(QUESTIONS)}")
        return 2
    begin, load_before = time.monotonic(), os.getloadavg()[0]
    try:
        with limit_time(LIMIT):
            results = {name: _measure(name, begin + LIMIT) for name in names}
    except KeyboardInterrupt:
        note("interrupted; nothing is left running")
        return 130
    _show(results)
    note(
        f"{time.monotonic() - begin:.0f} s on {os.cpu_count()} processors; load average "
        f"{load_before:.2f} before, {os.getloadavg()[0]:.2f} after"
    )
    return 0 if all(result.met for result in results.values()) else 1


def _default_names() -> list[str]:
    """Return the benchmarks that need only this machine."""
    return [name for name in QUESTIONS if name != "cluster"]


def _measure(name: str, deadline: float) -> Measurement:
    err.print(f"[bold]{name}[/bold]")
    try:
        if time.monotonic() > deadline:
            raise BenchError(f"no time is left of {LIMIT} s")
        return QUESTIONS[name]()
    except BenchError as error:
        note(f"error: {error}")
        return Measurement(str(error), "", None)


def _show(results: dict[str, Measurement]) -> None:
    table = Table(box=SIMPLE, pad_edge=False)
    for column in ("question", "figures", "aim", "met"):
        table.add_column(column)
    for name, result in results.items():
        verdict = {True: "yes", False: "[red]no[/red]", None: "[red]not measured[/red]"}
        table.add_row(name, result.figures, result.aim, verdict[result.met])
    out.print(table)


if __name__ == "__main__":
    sys.exit(main())
