"""Show a shift: a live table in a terminal, plain lines elsewhere, or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.box import SIMPLE
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from canary_analysis import Counts, Decision
from release.canary.events import Event
from release.canary.interfaces import InsideView
from release.console import out

_COLOURS = {"advance": "green", "rollback": "bold red"}


@contextmanager
def display(*, as_json: bool) -> Iterator[Callable[[Event], None]]:
    """Yield the function that shows an event."""
    if as_json:
        yield lambda event: click.echo(json.dumps(event.as_json()))
    elif out.is_terminal:
        with Live(console=out, auto_refresh=False, transient=True) as live:
            yield lambda event: _draw(live, event)
    else:
        yield lambda event: out.print(line(event), markup=False)


def line(event: Event) -> str:
    """Format an event as one line."""
    if not (event.observation and event.decision and event.step):
        return event.text
    pair = event.observation.pair
    return (
        f"{event.weight:3} %  {event.seconds:6.0f} s  "
        f"v{event.old}: {_describe(pair.old)}  v{event.new}: {_describe(pair.new)}  "
        f"{_interval(event.decision)}  {event.decision.verdict}: {event.text}"
    )


def _describe(counts: Counts) -> str:
    return (
        f"{counts.requests:.0f} requests, {counts.failed:.0f} failed, {counts.slow:.0f} slow, "
        f"{counts.wrong:.0f} refused"
    )


def _interval(decision: Decision) -> str:
    if decision.allowed is None:
        return "not compared"
    return f"difference {decision.low:+.2%} to {decision.high:+.2%}, {decision.allowed:.1%} allowed"


def _draw(live: Live, event: Event) -> None:
    if not (event.observation and event.decision and event.step):
        out.print(event.text, markup=False)
        return
    table = Table(box=SIMPLE, pad_edge=False)
    for column in ("", "weight", "requests", "failed", "slow", "refused", "bad"):
        table.add_column(column, justify="right" if column else "left")
    table.add_column("inside: errors", justify="right")
    table.add_column("p95", justify="right")
    pair = event.observation.pair
    for version, weight, counts in (
        (event.old, 100 - event.weight, pair.old),
        (event.new, event.weight, pair.new),
    ):
        numbers = (counts.requests, counts.failed, counts.slow, counts.wrong)
        table.add_row(
            f"version {version}",
            f"{weight} %",
            *(f"{number:.0f}" for number in numbers),
            f"{counts.share:.2%}",
            *_inside(event.observation.inside.get(version)),
        )
    verdict = event.decision.verdict
    progress = f"step {event.step.number} of {event.step.of}, " if event.step.of else "draining, "
    text = Text(f"{progress}{event.seconds:.0f} s  {_interval(event.decision)}\n")
    text.append(f"{verdict}: {event.text}", style=_COLOURS.get(verdict, ""))
    live.update(Group(table, text), refresh=True)


def _inside(view: InsideView | None) -> tuple[str, str]:
    if view is None:
        return "unknown", ""
    errors = "-" if view.errors is None else f"{view.errors:.2%}"
    return errors, "-" if view.p95 is None else f"{view.p95 * 1000:.0f} ms"
