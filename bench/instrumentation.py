"""Compare the CPU time of the Collector; runs packages/instrumentation/bench/overhead.py."""

import os
import re
import sys

from bench import Measurement
from release import paths
from release.console import note
from release.toolchain.subprocesses import run

AIM = 0.25


def measure() -> Measurement:
    """Compare the time that the Collector and prometheus_flask_exporter add to a request."""
    package = paths.ROOT / "packages" / "instrumentation"
    environment = os.environ | {"PYTHONPATH": str(package)}
    output = run([sys.executable, package / "bench" / "overhead.py"], env=environment, timeout=120)
    note(output.rstrip())
    added = dict(re.findall(r"^  (\w[\w ]*?) {2,}(-?[\d.]+) ", output, re.MULTILINE))
    ours, theirs = float(added["Collector"]), float(added["prometheus_flask_exporter"])
    ratio = ours / theirs
    return Measurement(
        f"{ours:.1f} us added to a request, prometheus_flask_exporter {theirs:.1f}: {ratio:.2f}",
        f"at most {AIM:.2f} of it",
        ratio <= AIM,
    )
