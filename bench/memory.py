"""How much memory does one release take?"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress

import psutil

from bench.answer import Answer
from bench.load import load
from bench.shop import Shop, eventually, open_shop
from release.console import note

AIM = 300.0
SCRAPES = 12


def measure() -> Answer:
    """PSS of catalog, stock, their Prometheus and Alertmanager, the only release of its shop.

    A page that several processes share is divided among them, so others on this machine that run
    the same programs lower the figure: they are counted and named.
    """
    with open_shop() as shop:
        shop.make("deploy", VERSION=2)
        note(f"600 requests, and {SCRAPES} scrapes by each Prometheus")
        with load(shop, ("catalog.v2", "/"), ("stock.v2", "/t-shirts"), rate=100, seconds=6):
            pass
        for component in ("catalog.v2", "stock.v2"):
            eventually(
                lambda component=component: _scrapes(shop, component) >= SCRAPES,
                limit=60,
                what=f"{SCRAPES} scrapes of {component}",
            )
        release, beside = _megabytes(shop)
        strangers = _strangers(shop)
    for name, size in [*release.items(), *beside.items()]:
        note(f"  {size:6.1f} MB  {name}")
    if strangers:
        note(f"  {strangers} processes of other shops run the same programs and share pages")
    total = sum(release.values())
    return Answer(
        f"{total:.0f} MB PSS of one release; beside it "
        + ", ".join(f"{name} {size:.0f} MB" for name, size in beside.items()),
        f"{AIM:.0f} MB",
        total <= AIM,
    )


def _scrapes(shop: Shop, component: str) -> float:
    return min(shop.query(component, "count_over_time(up[10m])"), default=0)


def _megabytes(shop: Shop) -> tuple[dict[str, float], dict[str, float]]:
    """PSS by kind of process: of the release, and of what all releases share."""
    release: defaultdict[str, float] = defaultdict(float)
    owned = set()
    for name, pid in shop.release("qv2").items():
        top = psutil.Process(pid)
        family = [top, *top.children(recursive=True)]
        owned |= {process.pid for process in family}
        release[_kind(name)] += sum(_pss(process) for process in family)
    beside: defaultdict[str, float] = defaultdict(float)
    for process in shop.processes():
        if process.pid not in owned:
            kind = "gateway" if "traefik" in process.name() else "manager"
            beside[kind] += _pss(process)
    return dict(sorted(release.items())), dict(beside)


def _kind(name: str) -> str:
    """`qv2.prometheus-catalog.0` -> `prometheus`, `qv2.catalog.r1.0` -> `catalog`."""
    return name.split(".")[1].split("-")[0]


def _pss(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1e6


def _strangers(shop: Shop) -> int:
    """Processes of other shops on this machine."""
    count = 0
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            state = process.environ().get("PARALLEL_RELEASES_STATE")
            count += state is not None and not state.startswith(str(shop.state))
    return count
