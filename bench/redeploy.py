"""Does anybody notice a redeploy?"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from statistics import quantiles

from bench.answer import Answer, BenchError
from bench.load import PAGES, Reply, load
from bench.shop import Shop, open_shop
from release.console import note

RATE = 100
SECONDS = 30
QUIET = 8
"""Seconds of load before the first redeploy: what latency is compared with."""
LAST_BEGIN = 20
"""Seconds after which no further redeploy begins, so that the load sees each one end."""


def measure() -> Answer:
    """Both versions under load while they are redeployed in turn with changed values."""
    with open_shop() as shop:
        for version in (1, 2):
            shop.make("deploy", VERSION=version)
        before = _services(shop)
        with load(shop, *PAGES, rate=RATE, seconds=2):
            note("warming up")
        spans, values = [], shop.folder / "values.yaml"
        with load(shop, *PAGES, rate=RATE, seconds=SECONDS) as seen:
            note(f"{RATE} requests a second for {SECONDS} s")
            time.sleep(QUIET)
            for number in itertools.count():
                if seen.elapsed > LAST_BEGIN:
                    break
                version, threads = 2 - number % 2, 5 + number // 2
                # Other numbers of threads than before: both services of the version are replaced.
                values.write_text(f"threads: {threads}\nstock: {{threads: {threads}}}\n")
                begin = seen.elapsed
                shop.make("deploy", VERSION=version, VALUES=values)
                spans.append((begin, seen.elapsed))
                note(f"  {begin:4.1f} s to {spans[-1][1]:4.1f} s: version {version} redeployed")
        if before & _services(shop):
            raise BenchError("a redeploy with changed values replaced nothing")
    if len(spans) < 2 or spans[-1][1] > SECONDS:
        raise BenchError(f"the machine is too slow for two redeploys within {SECONDS} s of load")
    quiet = [reply for reply in seen.replies if reply.due < QUIET]
    during = [reply for reply in seen.replies if any(a <= reply.due < b for a, b in spans)]
    for what, replies in (("before", quiet), ("during the redeploys", during)):
        note(f"  {what}: {len(replies)} requests, {_latency(replies)}")
    for reply in [reply for reply in seen.replies if reply.outcome != "200"][:10]:
        note(f"  at {reply.due:.2f} s: {reply.host} {reply.outcome} after {reply.took:.2f} s")
    failed = seen.failed.total()
    return Answer(
        f"{failed} of {len(seen.replies)} failed{_named(seen.failed)}; "
        f"p50/p99 {_latency(quiet)} before, {_latency(during)} during {len(spans)} redeploys",
        f"0 failed of {RATE * SECONDS}",
        failed == 0 and len(seen.replies) == RATE * SECONDS,
    )


def _services(shop: Shop) -> set[int]:
    """The process ids of both versions' services."""
    return {
        pid
        for version in (1, 2)
        for name, pid in shop.release(f"qv{version}").items()
        if name.split(".")[1] in ("catalog", "stock")
    }


def _latency(replies: Sequence[Reply]) -> str:
    """Median and 99th percentile."""
    cuts = quantiles((reply.took * 1000 for reply in replies), n=100)
    return f"{cuts[49]:.0f}/{cuts[98]:.0f} ms"


def _named(failed: Counter[str]) -> str:
    """What went wrong, how often: nothing when nothing did."""
    told = ", ".join(f"{count} {name}" for name, count in failed.items())
    return f" ({told})" if told else ""
