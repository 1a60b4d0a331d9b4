"""Compare real shifts with the simulation of their rule, and replay the recorded requests.

The faults and the rate are the same: version 2's catalog fails a share of the requests of first
visitors. Live figures come from the clients and from `make shift JSON=1`; the simulation has the
scrape interval of the shop.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from statistics import fmean, stdev
from typing import NamedTuple

from rich.box import SIMPLE
from rich.table import Table

from bench import BenchError, Measurement
from bench.canary import RATES, Cell, Key, cell, show
from bench.canary.first_visitors import first_visitors, record
from bench.canary.rules import RULES, shift
from bench.canary.simulation import (
    NOTHING_USUAL,
    RecordedTraffic,
    Recording,
    RunResult,
    Shares,
    SimulatedTraffic,
)
from bench.shop import LocalShop, open_shop, wait_for
from load.stats import Recorder
from load.traffic import Traffic as Load
from release.console import note, out

RATE = 20
SCRAPE = 1.0
"""Seconds between two scrapes of the local target's entry point."""
RUNS = {"all fail": (1.0, 8), "50 % fail": (0.5, 8), "5 % fail": (0.05, 3), "good": (0.0, 1)}
"""Share of version 2's requests that fail, and how often it is tried."""
SIMULATED = 200
RECORDED_RUNS = 20
AIM = "requests failed and seconds within 20 % of the simulation, but for two standard errors"


class Figures(NamedTuple):
    """The failed requests and the seconds of each run, and the common end."""

    end: str
    failed: Sequence[float]
    seconds: Sequence[float]


def measure() -> Measurement:
    """Run real shifts, then replay the recorded requests."""
    live: dict[str, Figures] = {}
    recordings: dict[str, Recording] = {}
    with _busy_shop() as (shop, seen):
        for name, (share, runs) in RUNS.items():
            _fault(shop, share)
            recordings[name] = record(shop.gateway)
            note(f"{name}: {len(recordings[name].new)} requests of each version recorded")
            outcomes = [_shift(shop, seen, name, number + 1) for number in range(runs)]
            live[name] = _figures(outcomes)
    simulated = {name: _simulate(share) for name, (share, _) in RUNS.items()}
    _show_live(live, simulated)
    _show_recorded(recordings)
    figures = [
        (f"{name}: {what}", ours, theirs)
        for name in RUNS
        for what, ours, theirs in _compare(live[name], simulated[name])
    ]
    missed = [
        f"{what} {fmean(ours):.1f}, simulated {fmean(theirs):.1f}"
        for what, ours, theirs in figures
        if not _is_close(ours, theirs)
    ]
    return Measurement("; ".join(missed) or f"all {len(figures)} figures do", AIM, not missed)


@contextmanager
def _busy_shop() -> Iterator[tuple[LocalShop, Recorder]]:
    with open_shop() as shop:
        for version in (1, 2):
            shop.make("deploy", VERSION=version)
        shop.make("merge", WEIGHT=0)
        _trigger_alert(shop)
        with Load(first_visitors(shop.gateway), RATE) as seen:
            wait_for(lambda: seen.elapsed > 15, 60, "a rate of requests that can be measured")
            yield shop, seen


def _trigger_alert(shop: LocalShop) -> None:
    """Make the alert fire before the shift: it is ignored then, and the rule decides alone."""
    _fault(shop, 1.0)
    alert = 'ALERTS{alertname="errorBudgetBurnsFast",alertstate="firing"}'

    def is_firing() -> bool:
        shop.is_up("catalog.v2")
        return bool(shop.query("catalog.v2", alert))

    wait_for(is_firing, 60, "errorBudgetBurnsFast")
    _fault(shop, 0.0)


def _fault(shop: LocalShop, share: float) -> None:
    variables: dict[str, object] = {"ERRORS": share} if share else {"OFF": 1}
    shop.make("fault", VERSION=2, SERVICE="catalog", **variables)


def _shift(shop: LocalShop, seen: Recorder, name: str, number: int) -> RunResult:
    before, begun, ended = seen.failed, 0.0, 0.0
    end = "broke off"
    with shop.start("shift", TO=2, JSON=1, DRAIN_LIMIT="1s") as process:
        assert process.stdout is not None  # noqa: S101 (it is a pipe)
        for event in map(json.loads, process.stdout):
            if event["event"] != "move":
                continue
            begun, ended = begun or event["at"], event["at"]
            if event["weight"] in (0, 100) and end == "broke off":
                end = "promoted" if event["weight"] else "rolled back"
                break
        process.communicate()
    note(f"  {name}, {number}: {end} after {ended - begun:.1f} s, {seen.failed - before} failed")
    failed = seen.failed - before
    if end == "promoted":
        shop.make("rollback")
    return RunResult(end, ended - begun, failed)


def _simulate(share: float) -> Figures:
    shares = Shares(old=(0.0, 0.0), new=(share, 0.0))
    return _figures(
        [shift(SimulatedTraffic(RATE, shares, seed, SCRAPE)) for seed in range(SIMULATED)]
    )


def _figures(outcomes: Sequence[RunResult]) -> Figures:
    ends = {outcome.end for outcome in outcomes}
    if len(ends) != 1:
        raise BenchError(f"the same fault came to different ends: {', '.join(sorted(ends))}")
    harm, seconds = [one.harm for one in outcomes], [one.seconds for one in outcomes]
    return Figures(outcomes[0].end, harm, seconds)


def _compare(
    live: Figures, simulated: Figures
) -> list[tuple[str, Sequence[float], Sequence[float]]]:
    figures = [("seconds", live.seconds, simulated.seconds)]
    # A good version fails nothing: there is no share of it to be within.
    return figures + ([("failed", live.failed, simulated.failed)] if any(simulated.failed) else [])


def _is_close(live: Sequence[float], simulated: Sequence[float]) -> bool:
    # A few runs say little of their own spread.
    doubt = 2 * stdev(simulated) / len(live) ** 0.5
    return bool(abs(fmean(live) - fmean(simulated)) <= 0.2 * fmean(simulated) + doubt)


def _show_live(live: Mapping[str, Figures], simulated: Mapping[str, Figures]) -> None:
    table = Table(box=SIMPLE, pad_edge=False, title=f"a real shift at {RATE} requests a second")
    table.add_column("version 2")
    for column in ("runs", "end", "seconds", "simulated", "failed", "simulated"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, ours in live.items():
        theirs = simulated[name]
        figures = (ours.seconds, theirs.seconds, ours.failed, theirs.failed)
        means = (f"{fmean(each):.1f}" for each in figures)
        table.add_row(name, str(len(ours.seconds)), ours.end, *means)
    out.print(table)


def _show_recorded(recordings: Mapping[str, Recording]) -> None:
    """Compare all rules on the recorded requests, also at rates beyond this machine."""
    keys = [(rule, name, rate) for name in recordings for rate in RATES for rule in RULES]
    with ProcessPoolExecutor(2) as pool:
        cells = pool.map(_replay, keys, [recordings[name] for _, name, _ in keys])
    out.print("the same rules on the recorded requests:")
    show(dict(zip(keys, cells, strict=True)), list(recordings))


def _replay(key: Key, recording: Recording) -> Cell:
    rule, _, rate = key
    return cell(
        RULES[rule](RecordedTraffic(rate, NOTHING_USUAL, seed, recording=recording))
        for seed in range(RECORDED_RUNS)
    )
