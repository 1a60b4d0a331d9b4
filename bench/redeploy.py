"""Count the requests that fail while both versions are redeployed under load."""

from __future__ import annotations

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
from release.model.names import Names

PAGES = (
    ("catalog.v2", "/"),
    ("stock.v2", "/t-shirts"),
    ("catalog.v1", "/"),
    ("stock.v1", "/t-shirt"),
)

RATE = 100
SECONDS = 30
QUIET = 8
"""Seconds of load before the first redeploy, for the latency to compare with."""
LAST_BEGIN = 20
"""Seconds after which no further redeploy begins, so that each one ends under load."""


def measure() -> Measurement:
    """Redeploy the versions in turn with changed values under load."""
    with open_shop() as shop:
        for version in (1, 2):
            shop.make("deploy", VERSION=version)
        before, pages = _services(shop), fixed_targets(shop.gateway, PAGES)
        warming_up = Traffic(pages, RATE, seconds=2)
        with warming_up:
            note("warming up")
            warming_up.wait()
        spans, values = [], shop.folder / "values.yaml"
        traffic = Traffic(pages, RATE, SECONDS)
        with traffic as seen:
            note(f"{RATE} requests a second for {SECONDS} s")
            time.sleep(QUIET)
            for number in itertools.count():
                if seen.elapsed > LAST_BEGIN:
                    break
                version, threads = 2 - number % 2, 5 + number // 2
                # Another number of threads replaces both services of the version.
                values.write_text(f"threads: {threads}\nstock: {{threads: {threads}}}\n")
                begin = seen.elapsed
                shop.make("deploy", VERSION=version, VALUES=values)
                spans.append((begin, seen.elapsed))
                note(f"  {begin:4.1f} s to {spans[-1][1]:4.1f} s: version {version} redeployed")
            traffic.wait()
        if len(spans) < 2 or spans[-1][1] > SECONDS:
            raise BenchError(
                f"the machine is too slow for two redeploys within {SECONDS} s of load"
            )
        if before & _services(shop):
            raise BenchError("a redeploy with changed values replaced nothing")
    quiet, during = _took(seen, [(0, QUIET)]), _took(seen, spans)
    for what, took in (("before", quiet), ("during the redeploys", during)):
        note(f"  {what}: {len(took)} requests, {_latency(took)}")
    for failure in seen.failures[:10]:
        note(f"  {failure}")
    return Measurement(
        f"{seen.failed} of {seen.requests} failed; "
        f"p50/p99 {_latency(quiet)} before, {_latency(during)} during {len(spans)} redeploys",
        f"0 failed of {RATE * SECONDS}",
        seen.failed == 0 and seen.requests == RATE * SECONDS,
    )


def _services(shop: LocalShop) -> set[int]:
    """Return the process ids of both versions' services."""
    return {
        pid
        for version in (1, 2)
        for name, pid in shop.release(Names().version(version)).items()
        if name.split(".")[1] in ("catalog", "stock")
    }


def _took(record: Recorder, spans: Sequence[tuple[float, float]]) -> list[float]:
    """Return the seconds of each request that was due within one of the spans."""
    return [
        took
        for seen in record.kinds.values()
        for due, took in zip(seen.due, seen.took, strict=True)
        if any(begin <= due < end for begin, end in spans)
    ]


def _latency(took: Sequence[float]) -> str:
    """Format median and 99th percentile."""
    cuts = quantiles((seconds * 1000 for seconds in took), n=100)
    return f"{cuts[49]:.0f}/{cuts[98]:.0f} ms"
