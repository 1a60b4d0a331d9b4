"""How much CPU time do the numbers cost? Runs packages/instrumentation/bench/overhead.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from bench.answer import Answer, BenchError
from bench.shop import ROOT
from release.console import note

AIM = 0.25


def measure() -> Answer:
    """What the Collector adds to a request against what prometheus_flask_exporter adds."""
    done = subprocess.run(
        [sys.executable, "packages/instrumentation/bench/overhead.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "packages" / "instrumentation")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    note(done.stdout.rstrip())
    added = dict(re.findall(r"^  (\w[\w ]*?) {2,}(-?[\d.]+) ", done.stdout, re.MULTILINE))
    try:
        ours, theirs = float(added["Collector"]), float(added["prometheus_flask_exporter"])
    except (KeyError, ValueError) as error:
        said = (done.stderr.strip() or "nothing").splitlines()[-1]
        raise BenchError(f"collector.py told no figures: {said}") from error
    ratio = ours / theirs
    return Answer(
        f"{ours:.1f} us added to a request, prometheus_flask_exporter {theirs:.1f}: {ratio:.2f}",
        f"at most {AIM:.2f} of it",
        ratio <= AIM,
    )
