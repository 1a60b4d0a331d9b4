"""Does the rule behind `make shift` do better than thresholds? On the same simulated traffic.

Every cell is printed. The rivals are the rules that Flagger and Argo Rollouts document, not those
programs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from statistics import fmean, median
from typing import NamedTuple

from rich.box import SIMPLE
from rich.console import JustifyMethod
from rich.table import Table

from bench.answer import Answer
from bench.canary.ours import shift
from bench.canary.rivals import argo, argo_impatient, flagger, flagger_impatient
from bench.canary.traffic import SCENARIOS, Outcome, Traffic
from release.console import out

RATES = (2, 20, 200)
RUNS = 20
RULES: dict[str, Callable[[Traffic], Outcome]] = {
    "make shift": shift,
    "Flagger, documented": flagger,
    "Flagger, every 5 s": flagger_impatient,
    "Argo, documented": argo,
    "Argo, every 5 s": argo_impatient,
}
AIM = (
    "5 % and more bad never promoted; from 20 requests/s on half of documented Flagger's harm at "
    "5 %, a tenth at 50 % and above"
)


class Cell(NamedTuple):
    """A rule in a scenario at a rate: shares of runs, medians, and the mean harm of a run."""

    promoted: float
    rolled_back: float
    until_promoted: float | None
    until_rolled_back: float | None
    harm: float


Key = tuple[str, str, int]


def measure() -> Answer:
    """Run all cells, two at a time; a cell's traffic depends on its seed alone."""
    keys = [(rule, name, rate) for name in SCENARIOS for rate in RATES for rule in RULES]
    with ProcessPoolExecutor(2) as pool:
        cells = dict(zip(keys, pool.map(_cell, keys, chunksize=2), strict=True))
    _show(cells)
    missed = _missed(cells)
    checked = 3 * 4 + 2 * 3
    return Answer(
        "; ".join(missed) or f"all {checked} cells that have an aim meet it, {RUNS} runs each",
        AIM,
        not missed,
    )


def _cell(key: Key) -> Cell:
    rule, name, rate = key
    outcomes = [RULES[rule](Traffic(rate, SCENARIOS[name], seed)) for seed in range(RUNS)]
    promoted = [outcome.seconds for outcome in outcomes if outcome.end == "promoted"]
    back = [outcome.seconds for outcome in outcomes if outcome.end == "rolled back"]
    return Cell(
        len(promoted) / RUNS,
        len(back) / RUNS,
        median(promoted) if promoted else None,
        median(back) if back else None,
        fmean(outcome.harm for outcome in outcomes),
    )


def _missed(cells: Mapping[Key, Cell]) -> list[str]:
    found = []
    for name, part in (("5 % fail", 2), ("5 % slow", 0), ("50 % fail", 10), ("all fail", 10)):
        for rate in RATES:
            ours, theirs = (
                cells[rule, name, rate] for rule in ("make shift", "Flagger, documented")
            )
            if ours.promoted:
                found.append(f"{name} at {rate}/s: promoted {ours.promoted:.0%}")
            if part and rate >= 20 and ours.harm > theirs.harm / part:
                found.append(
                    f"{name} at {rate}/s: {ours.harm:.1f} failed, Flagger {theirs.harm:.1f}"
                )
    return found


def _show(cells: Mapping[Key, Cell]) -> None:
    for rate in RATES:
        table = Table(box=SIMPLE, pad_edge=False, title=f"{rate} requests a second")
        for column in ("scenario", "rule", "promoted", "after", "back", "after", "harm"):
            side: JustifyMethod = "left" if column in ("scenario", "rule") else "right"
            table.add_column(column, justify=side, no_wrap=True)
        for name in SCENARIOS:
            for rule in RULES:
                cell = cells[rule, name, rate]
                table.add_row(
                    name,
                    rule,
                    f"{cell.promoted:.0%}",
                    _seconds(cell.until_promoted),
                    f"{cell.rolled_back:.0%}",
                    _seconds(cell.until_rolled_back),
                    f"{cell.harm:.0f}",
                )
            table.add_section()
        out.print(table)
    out.print("after: median; harm: requests that failed or were late because of version 2, mean")


def _seconds(number: float | None) -> str:
    return "-" if number is None else f"{number:.0f} s"
