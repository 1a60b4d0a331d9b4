"""Compare the rule of `make shift` with threshold rules on the same simulated traffic.

The rivals are the rules that Flagger and Argo Rollouts document, not those programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor

from bench import Measurement
from bench.canary.rules import RULES
from bench.canary.scoreboard import RATES, Cell, Key, cell, show
from bench.canary.simulation import SCENARIOS, SimulatedTraffic

RUNS = 20
AIM = (
    "5 % and more bad never promoted; from 20 requests/s on half of documented Flagger's harm at "
    "5 %, a tenth at 50 % and above"
)


def measure() -> Measurement:
    """Run all cells, two at a time. The traffic depends on the seed alone."""
    keys = [(rule, name, rate) for name in SCENARIOS for rate in RATES for rule in RULES]
    with ProcessPoolExecutor(2) as pool:
        cells = dict(zip(keys, pool.map(_simulated, keys, chunksize=2), strict=True))
    show(cells, list(SCENARIOS))
    missed = _missed(cells)
    checked = 3 * 4 + 2 * 3
    return Measurement(
        "; ".join(missed) or f"all {checked} cells that have an aim meet it, {RUNS} runs each",
        AIM,
        not missed,
    )


def _simulated(key: Key) -> Cell:
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
