"""Summaries of the recorded traffic: a line, a table, and JSON."""

from collections.abc import Iterable
from statistics import quantiles
from typing import Any

from rich.box import SIMPLE
from rich.table import Table

from load.stats import Recorder, Stats

SHOWN = 5
"""Failures that are listed below the table."""


def line(record: Recorder) -> str:
    """Return the progress as one line."""
    return f"{record.elapsed:5.0f} s  {_counts(record.requests, 'request')}  {record.failed} failed"


def table(record: Recorder) -> Table:
    """Return a table with a row for each type of clients."""
    shown = Table(box=SIMPLE, pad_edge=False, collapse_padding=True)
    for column in ("clients", "requests", "failed", "repeated", "p50", "p95", "p99 ms", "reached"):
        is_text = column in ("clients", "reached")
        shown.add_column(column, justify="left" if is_text else "right", no_wrap=True)
    for kind, seen in record.kinds.items():
        cuts = [f"{value:.0f}" for value in latency(seen.took).values()] or [""] * 3
        counts = [str(seen.requests), str(seen.failed), str(seen.repeated)]
        shown.add_row(kind, *counts, *cuts, _reached(seen))
    return shown


def words(record: Recorder) -> list[str]:
    """Return lines about the purchases and the first failures."""
    lines = [f"bought: {_pieces(record.sold.total())}"]
    if record.unsure:
        lines.append(f"without an answer, bought or not: {_pieces(record.unsure.total())}")
    lines += [f"failed: {failure}" for failure in record.failures[:SHOWN]]
    if record.failed > SHOWN:
        lines.append(f"and {record.failed - SHOWN} more failed")
    return lines


def as_json(record: Recorder) -> dict[str, Any]:
    """Return everything as JSON."""
    return {
        "seconds": round(record.elapsed, 1),
        "requests": record.requests,
        "failed": record.failed,
        "repeated": record.repeated,
        "kinds": {kind: _kind(seen) for kind, seen in record.kinds.items()},
        "sold": dict(record.sold),
        "unsure": dict(record.unsure),
        "failures": [vars(failure) for failure in record.failures],
    }


def latency(took: Iterable[float]) -> dict[str, float]:
    """Return median, 95th and 99th percentile in milliseconds; {} for fewer than two values."""
    sorted_milliseconds = sorted(seconds * 1000 for seconds in took)
    if len(sorted_milliseconds) < 2:
        return {}
    cuts = quantiles(sorted_milliseconds, n=100, method="inclusive")
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}


def _kind(seen: Stats) -> dict[str, Any]:
    return {
        "requests": seen.requests,
        "failed": seen.failed,
        "repeated": seen.repeated,
        "latency_ms": {name: round(value, 1) for name, value in latency(seen.took).items()},
        "reached": {str(version): count for version, count in sorted(seen.versions.items())},
    }


def _reached(seen: Stats) -> str:
    return " ".join(f"v{version} {count}" for version, count in sorted(seen.versions.items()))


def _counts(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _pieces(number: int) -> str:
    return _counts(number, "piece")
