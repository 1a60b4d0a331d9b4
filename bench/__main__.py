"""`python -m bench`: run every benchmark, or those that BENCH names, and print one table.

Exit code 1 when an aim is missed, 2 for an unknown name.
"""

import os
import signal
import sys
import time
from collections.abc import Callable

from rich.box import SIMPLE
from rich.table import Table

from bench import (
    Measurement,
    canary,
    cluster,
    contract_matrix,
    deploy_time,
    instrumentation,
    memory,
    redeploy,
)
from bench.canary import live
from release.console import err, note, out
from release.errors import ReleaseError

QUESTIONS: dict[str, Callable[[], Measurement]] = {
    "instrumentation": instrumentation.measure,
    "deploy": deploy_time.measure_second_version,
    "releases": deploy_time.measure_many_releases,
    "memory": memory.measure,
    "redeploy": redeploy.measure,
    "contracts": contract_matrix.measure,
    "canary": canary.measure,
    "shift": live.measure,
    "cluster": cluster.measure,
}


def main() -> int:
    """Run the benchmarks; return the exit code."""
    # The cluster is measured only when named: the others need nothing but this machine.
    default = [name for name in QUESTIONS if name != "cluster"]
    names = os.environ.get("BENCH", "").replace(",", " ").split() or default
    unknown = [name for name in names if name not in QUESTIONS]
    if unknown:
        note(f"error: BENCH={unknown[0]} is not known: give some of {', '.join(QUESTIONS)}")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begin, load_before = time.monotonic(), os.getloadavg()[0]
    table = Table(box=SIMPLE, pad_edge=False)
    for column in ("question", "figures", "aim", "met"):
        table.add_column(column)
    verdicts = {True: "yes", False: "[red]no[/red]", None: "[red]not measured[/red]"}
    all_met = True
    try:
        for name in names:
            result = _measure(name)
            table.add_row(name, result.figures, result.aim, verdicts[result.met])
            all_met &= bool(result.met)
    except KeyboardInterrupt:
        note("interrupted; nothing is left running")
        return 130
    out.print(table)
    note(
        f"{time.monotonic() - begin:.0f} s on {os.cpu_count()} processors; load average "
        f"{load_before:.2f} before, {os.getloadavg()[0]:.2f} after"
    )
    return 0 if all_met else 1


def _measure(name: str) -> Measurement:
    err.print(f"[bold]{name}[/bold]")
    try:
        return QUESTIONS[name]()
    except ReleaseError as error:
        note(f"error: {error}")
        return Measurement(str(error), "", None)


if __name__ == "__main__":
    sys.exit(main())
