"""Show a shift: a live table in a terminal, plain lines elsewhere, or JSON."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple

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
    if not event.look:
        return event.text
    _, seconds, observation, decision = event.look
    old, new = observation.pair.old, observation.pair.new
    return (
        f"{event.weight:3} %  {seconds:6.0f} s  "
        f"v{event.old}: {_describe(old)}  v{event.new}: {_describe(new)}  "
        f"{_interval(decision)}  {decision.verdict}: {event.text}"
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
    if not event.look:
        out.print(event.text, markup=False)
        return
    step, seconds, observation, decision = event.look
    table = Table(box=SIMPLE, pad_edge=False)
    columns = ("weight", "requests", "failed", "slow", "refused", "bad", "inside: errors", "p95")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    pair = observation.pair
    for version, weight, counts in (
        (event.old, 100 - event.weight, pair.old),
        (event.new, event.weight, pair.new),
    ):
        table.add_row(
            f"version {version}",
            f"{weight} %",
            *(f"{number:.0f}" for number in astuple(counts)),
            f"{counts.share:.2%}",
            *_inside(observation.inside.get(version)),
        )
    progress = f"step {step.number} of {step.of}" if step.of else "draining"
    text = Text(f"{progress}, {seconds:.0f} s  {_interval(decision)}\n")
    text.append(f"{decision.verdict}: {event.text}", style=_COLOURS.get(decision.verdict, ""))
    live.update(Group(table, text), refresh=True)


def _inside(view: InsideView | None) -> tuple[str, str]:
    if view is None:
        return "unknown", ""
    errors = "-" if view.errors is None else f"{view.errors:.2%}"
    return errors, "-" if view.p95 is None else f"{view.p95 * 1000:.0f} ms"
