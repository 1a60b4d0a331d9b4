"""Compare the CPU time of the Collector; runs packages/instrumentation/bench/overhead.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from bench import BenchError, Measurement
from release import paths
from release.console import note

AIM = 0.25


def measure() -> Measurement:
    """Compare the time that the Collector and prometheus_flask_exporter add to a request."""
    done = subprocess.run(
        [sys.executable, "packages/instrumentation/bench/overhead.py"],
        cwd=paths.ROOT,
        env={**os.environ, "PYTHONPATH": str(paths.ROOT / "packages" / "instrumentation")},
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
        message = (done.stderr.strip() or "nothing").splitlines()[-1]
        raise BenchError(f"collector.py told no figures: {message}") from error
    ratio = ours / theirs
    return Measurement(
        f"{ours:.1f} us added to a request, prometheus_flask_exporter {theirs:.1f}: {ratio:.2f}",
        f"at most {AIM:.2f} of it",
        ratio <= AIM,
    )
