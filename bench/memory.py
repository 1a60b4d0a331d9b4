"""Measure the memory of one release.

PSS divides a page among all processes that map it, so other shops on the machine would lower it.
Here the pages of files are divided among the processes of this shop only.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import psutil

from bench import BenchError, Measurement
from bench.shop import LocalShop, open_shop, wait_for
from load.fixed_targets import fixed_targets
from load.traffic import Traffic
from release.console import note
from release.model import services

AIM = 300.0
SCRAPES = 12


def measure() -> Measurement:
    """Sum the PSS of catalog, stock, and their Prometheus and Alertmanager."""
    with open_shop() as shop:
        shop.make("deploy", VERSION=2)
        note(f"600 requests, and {SCRAPES} scrapes by each Prometheus")
        pages = fixed_targets(shop.gateway, [("catalog.v2", "/"), ("stock.v2", "/t-shirts")])
        traffic = Traffic(pages, rate=100, seconds=6)
        with traffic:
            traffic.wait()
        wait_for(lambda: _is_scraped(shop), 60, f"{SCRAPES} scrapes by each Prometheus")
        release, beside = _megabytes(shop)
    for name, size in [*release.items(), *beside.items()]:
        note(f"  {size:6.1f} MB  {name}")
    total = sum(release.values())
    return Measurement(
        f"{total:.0f} MB PSS of one release; beside it "
        + ", ".join(f"{name} {size:.0f} MB" for name, size in beside.items()),
        f"{AIM:.0f} MB",
        total <= AIM,
    )


def _is_scraped(shop: LocalShop) -> bool:
    counts = (shop.query(f"{name}.v2", "count_over_time(up[10m])") for name in services.NAMES)
    return all(min(each, default=0) >= SCRAPES for each in counts)


def _megabytes(shop: LocalShop) -> tuple[dict[str, float], dict[str, float]]:
    """Return megabytes of PSS by process name: of the release, and of what all releases share."""
    kinds: dict[psutil.Process, str] = {}
    for name, pid in shop.release("qv2").items():
        top = psutil.Process(pid)
        # `qv2.prometheus-catalog.0` is a prometheus, `qv2.catalog.r1.0` a catalog.
        kinds |= dict.fromkeys([top, *top.children(recursive=True)], re.split("[.-]", name)[1])
    release = _by_kind(kinds)
    others = [process for process in shop.processes() if process not in kinds]
    beside = _by_kind({one: "gateway" if one.name() == "traefik" else "manager" for one in others})
    return release, beside


def _by_kind(kinds: Mapping[psutil.Process, str]) -> dict[str, float]:
    """Return the megabytes of each kind as if only these processes ran."""
    sizes: defaultdict[str, float] = defaultdict(float)
    resident: defaultdict[str, dict[psutil.Process, float]] = defaultdict(dict)
    for process, kind in kinds.items():
        sizes[kind] += _anonymous(process) / 1e6
        for part in process.memory_maps():
            if part.path.startswith("/"):
                resident[part.path][process] = (part.rss - part.anonymous) / 1e6
    for held in resident.values():
        # Processes touch much the same pages of a file: the largest set is in memory once.
        for process, size in held.items():
            sizes[kinds[process]] += max(held.values()) * size / (sum(held.values()) or 1)
    return dict(sorted(sizes.items()))


def _anonymous(process: psutil.Process) -> float:
    """Return the bytes of PSS without a file behind them; only forks share those."""
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    match = re.search(r"^Pss_Anon: +(\d+) kB", rollup, re.MULTILINE)
    if not match:
        raise BenchError("this kernel does not tell Pss_Anon: Linux 5.4 is needed")
    return 1024 * int(match[1])
