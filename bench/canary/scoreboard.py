"""The table of the results of all rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median
from typing import NamedTuple

from rich.box import SIMPLE
from rich.console import JustifyMethod
from rich.table import Table

from bench.canary.rules import RULES
from bench.canary.simulation import RunResult
from release.console import out

RATES = (2, 20, 200)


class Cell(NamedTuple):
    """A rule in a scenario at a rate: shares of runs, median seconds, and mean harm."""

    promoted: float
    rolled_back: float
    until_promoted: float | None
    until_rolled_back: float | None
    harm: float


Key = tuple[str, str, int]
"""Rule, scenario and requests a second."""


def cell(runs: Iterable[RunResult]) -> Cell:
    """Summarize the runs of a rule in a scenario."""
    outcomes = list(runs)
    promoted = [outcome.seconds for outcome in outcomes if outcome.end == "promoted"]
    back = [outcome.seconds for outcome in outcomes if outcome.end == "rolled back"]
    return Cell(
        len(promoted) / len(outcomes),
        len(back) / len(outcomes),
        median(promoted) if promoted else None,
        median(back) if back else None,
        fmean(outcome.harm for outcome in outcomes),
    )


def show(cells: Mapping[Key, Cell], scenarios: Sequence[str]) -> None:
    """Print a table for each rate."""
    for rate in RATES:
        table = Table(box=SIMPLE, pad_edge=False, title=f"{rate} requests a second")
        for column in ("scenario", "rule", "promoted", "after", "back", "after", "harm"):
            side: JustifyMethod = "left" if column in ("scenario", "rule") else "right"
            table.add_column(column, justify=side, no_wrap=True)
        for name in scenarios:
            for rule in RULES:
                result = cells[rule, name, rate]
                table.add_row(
                    name,
                    rule,
                    f"{result.promoted:.0%}",
                    _seconds(result.until_promoted),
                    f"{result.rolled_back:.0%}",
                    _seconds(result.until_rolled_back),
                    f"{result.harm:.0f}",
                )
            table.add_section()
        out.print(table)
    out.print("after: median; harm: requests that failed or were late because of version 2, mean")


def _seconds(number: float | None) -> str:
    return "-" if number is None else f"{number:.0f} s"
