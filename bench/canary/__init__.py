"""Compare the rule of `make shift` with threshold rules on the same simulated traffic.

The rivals are the rules that Flagger and Argo Rollouts document, not those programs.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from statistics import fmean, median
from typing import NamedTuple

from rich.box import SIMPLE
from rich.console import JustifyMethod
from rich.table import Table

from bench import Measurement
from bench.canary.rules import RULES
from bench.canary.simulation import SCENARIOS, RunResult, SimulatedTraffic
from release.console import out

RUNS = 20
RATES = (2, 20, 200)
AIM = (
    "5 % and more bad never promoted; from 20 requests/s on half of documented Flagger's harm at "
    "5 %, a tenth at 50 % and above"
)


class Cell(NamedTuple):
    """A rule in a scenario at a rate: shares of runs, median seconds, and mean harm."""

    promoted: float
    rolled_back: float
    until_promoted: float | None
    until_rolled_back: float | None
    harm: float


Key = tuple[str, str, int]
"""Rule, scenario and requests a second."""


def measure() -> Measurement:
    """Run all cells, two at a time. The traffic depends on the seed alone."""
    keys = [(rule, name, rate) for name in SCENARIOS for rate in RATES for rule in RULES]
    with ProcessPoolExecutor(2) as pool:
        cells = dict(zip(keys, pool.map(_simulate, keys, chunksize=2), strict=True))
    show(cells, list(SCENARIOS))
    missed = _missed(cells)
    checked = 3 * 4 + 2 * 3
    return Measurement(
        "; ".join(missed) or f"all {checked} cells that have an aim meet it, {RUNS} runs each",
        AIM,
        not missed,
    )


def _simulate(key: Key) -> Cell:
    rule, name, rate = key
    return cell(RULES[rule](SimulatedTraffic(rate, SCENARIOS[name], seed)) for seed in range(RUNS))


def _missed(cells: Mapping[Key, Cell]) -> list[str]:
    missed = []
    for name, part in (("5 % fail", 2), ("5 % slow", 0), ("50 % fail", 10), ("all fail", 10)):
        for rate in RATES:
            ours, theirs = (
                cells[rule, name, rate] for rule in ("make shift", "Flagger, documented")
            )
            if ours.promoted:
                missed.append(f"{name} at {rate}/s: promoted {ours.promoted:.0%}")
            if part and rate >= 20 and ours.harm > theirs.harm / part:
                missed.append(
                    f"{name} at {rate}/s: {ours.harm:.1f} failed, Flagger {theirs.harm:.1f}"
                )
    return missed


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
