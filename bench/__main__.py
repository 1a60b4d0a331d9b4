"""`python -m bench`: answers every question, or those that BENCH names, in one table.

Exit code 1 when an aim is missed, 2 for a name that is not known.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from rich.box import SIMPLE
from rich.table import Table

from bench import (
    canary,
    cluster,
    contract_matrix,
    instrumentation,
    many_releases,
    memory,
    redeploy,
    warm_deploy,
)
from bench.answer import Answer, BenchError
from bench.canary import live
from bench.signals import limited
from release.console import err, note, out

LIMIT = 1800
"""Seconds after which whatever runs is broken off and brought down."""

QUESTIONS: dict[str, Callable[[], Answer]] = {
    "instrumentation": instrumentation.measure,
    "deploy": warm_deploy.measure,
    "releases": many_releases.measure,
    "memory": memory.measure,
    "redeploy": redeploy.measure,
    "contracts": contract_matrix.measure,
    "canary": canary.measure,
    "shift": live.measure,
    "cluster": cluster.measure,
}


def main() -> int:
    """Ask, show, and judge."""
    wanted = os.environ.get("BENCH", "").replace(",", " ").split() or _usual()
    unknown = [name for name in wanted if name not in QUESTIONS]
    if unknown:
        note(f"error: BENCH={unknown[0]} is not known: give some of {', '.join(QUESTIONS)}")
        return 2
    begin, load_before = time.monotonic(), os.getloadavg()[0]
    try:
        with limited(LIMIT):
            answers = {name: _ask(name, begin + LIMIT) for name in wanted}
    except KeyboardInterrupt:
        note("interrupted; nothing is left running")
        return 130
    _show(answers)
    note(
        f"{time.monotonic() - begin:.0f} s on {os.cpu_count()} processors; load average "
        f"{load_before:.2f} before, {os.getloadavg()[0]:.2f} after"
    )
    return 0 if all(answer.met for answer in answers.values()) else 1


def _usual() -> list[str]:
    """All that need nothing but this machine."""
    return [name for name in QUESTIONS if name != "cluster"]


def _ask(name: str, deadline: float) -> Answer:
    err.print(f"[bold]{name}[/bold]")
    try:
        if time.monotonic() > deadline:
            raise BenchError(f"no time is left of {LIMIT} s")
        return QUESTIONS[name]()
    except BenchError as error:
        note(f"error: {error}")
        return Answer(str(error), "", None)


def _show(answers: dict[str, Answer]) -> None:
    table = Table(box=SIMPLE, pad_edge=False)
    for column in ("question", "figures", "aim", "met"):
        table.add_column(column)
    for name, answer in answers.items():
        verdict = {True: "yes", False: "[red]no[/red]", None: "[red]not measured[/red]"}
        table.add_row(name, answer.figures, answer.aim, verdict[answer.met])
    out.print(table)


if __name__ == "__main__":
    sys.exit(main())
