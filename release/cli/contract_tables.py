"""The matrix for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.table import Table

from release.console import out
from release.contracts.matrix import Pair
from release.contracts.verdicts import Outcome

STYLES = {Outcome.YES: "green", Outcome.NO: "red", Outcome.UNKNOWN: "yellow"}


def show(pairs: Sequence[Pair]) -> None:
    """A row for each consumer, a column for each version of stock, then every reason in a line."""
    versions = sorted({pair.provider_version for pair in pairs})
    table = Table(box=SIMPLE, pad_edge=False)
    for heading in ("consumer", "needs", *(f"stock v{version}" for version in versions)):
        table.add_column(heading)
    for consumer in dict.fromkeys(pair.consumer for pair in pairs):
        row = {pair.provider_version: pair for pair in pairs if pair.consumer == consumer}
        cells = [_cell(row.get(version)) for version in versions]
        table.add_row(consumer.name, f"v{consumer.needs}", *cells)
    out.print(table)
    for pair in pairs:
        if not pair.verdict.compatible:
            out.print(f"  {pair.verdict}", markup=False, style="bold red" if pair.needed else None)


def _cell(pair: Pair | None) -> str:
    if pair is None:
        return ""
    outcome = pair.verdict.outcome
    return f"[{STYLES[outcome]}]{outcome}[/]"
