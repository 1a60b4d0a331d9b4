"""Count the requests that fail while both versions are redeployed under load."""

import itertools
import time
from collections.abc import Sequence
from statistics import quantiles

from bench import BenchError, Measurement
from bench.shop import LocalShop, open_shop
from load.fixed_targets import fixed_targets
from load.stats import Recorder
from load.traffic import Traffic
from release.console import note

PAGES = (
    ("catalog.v2", "/"),
    ("stock.v2", "/t-shirts"),
    ("catalog.v1", "/"),
    ("stock.v1", "/t-shirt"),
)
RATE = 100
SECONDS = 30
QUIET = (2, 8)
"""From the end of warming up to the first redeploy: seconds whose latency is compared with."""
LAST_BEGIN = 20
"""Seconds after which no further redeploy begins, so that each one ends under load."""


def measure() -> Measurement:
    """Redeploy the versions in turn with changed values under load."""
    with open_shop() as shop:
        for version in (1, 2):
            shop.make("deploy", VERSION=version)
        before = _services(shop)
        spans, values = [], shop.folder / "values.yaml"
        traffic = Traffic(fixed_targets(shop.gateway, PAGES), RATE, SECONDS)
        with traffic as record:
            note(f"{RATE} requests a second for {SECONDS} s")
            time.sleep(QUIET[1])
            for number in itertools.count():
                if record.elapsed > LAST_BEGIN:
                    break
                version, threads = 2 - number % 2, 5 + number // 2
                # Another number of threads replaces both services of the version.
                values.write_text(f"threads: {threads}\nstock: {{threads: {threads}}}\n")
                begin = record.elapsed
                shop.make("deploy", VERSION=version, VALUES=values)
                spans.append((begin, record.elapsed))
                note(f"  {begin:4.1f} s to {spans[-1][1]:4.1f} s: version {version} redeployed")
            traffic.wait()
        if len(spans) < 2 or spans[-1][1] > SECONDS:
            raise BenchError(
                f"the machine is too slow for two redeploys within {SECONDS} s of load"
            )
        if before & _services(shop):
            raise BenchError("a redeploy with changed values replaced nothing")
    for failure in record.failures[:10]:
        note(f"  {failure}")
    return Measurement(
        f"{record.failed} of {record.requests} failed; p50/p99 {_latency(record, [QUIET])} before, "
        f"{_latency(record, spans)} during {len(spans)} redeploys",
        f"0 failed of {RATE * SECONDS}",
        record.failed == 0 and record.requests == RATE * SECONDS,
    )


def _services(shop: LocalShop) -> set[int]:
    """Return the process ids of both versions' services."""
    processes = shop.release("qv1") | shop.release("qv2")
    return {pid for name, pid in processes.items() if name.split(".")[1] in ("catalog", "stock")}


def _latency(record: Recorder, spans: Sequence[tuple[float, float]]) -> str:
    """Format median and 99th percentile of the requests that were due within the spans."""
    milliseconds = (
        took * 1000
        for stats in record.kinds.values()
        for due, took in zip(stats.due, stats.took, strict=True)
        if any(begin <= due < end for begin, end in spans)
    )
    cuts = quantiles(milliseconds, n=100)
    return f"{cuts[49]:.0f}/{cuts[98]:.0f} ms"
