"""The demo: every step of a release, one after the other."""

import time
from dataclasses import replace

from rich.box import SIMPLE
from rich.table import Table

from load.gateway import Gateway
from release import paths
from release.cli.main import main
from release.cli.open_target import open_target
from release.console import out
from release.demo.audience import Audience
from release.demo.narrator import Narrator
from release.demo.story import ACTS, NEW, OLD
from release.errors import ReleaseError
from release.settings import options
from release.settings.target import DEFAULT_STATE, TargetSettings

_LAPTOP = paths.CHARTS / "environments" / "laptop"
_SMALL = {"deploy": _LAPTOP / "release.yaml", "merge": _LAPTOP / "entrypoint.yaml"}
"""Charts are made for production by default; the local target has such values of its own."""
_FOLDER = paths.ROOT / ".state-demo"


@main.command()
@options.target_options
def demo(place: TargetSettings) -> None:
    """Play a whole release under load, in a shop of its own, and explain each step."""
    if place.state == DEFAULT_STATE:
        place = replace(place, state=_FOLDER)
    target, on_cluster = open_target(place), place.on_cluster
    if target.deployed():
        name = place.context if on_cluster else place.state
        shop = f"TARGET=kubernetes CONTEXT={name} SHOP={place.names.shop}"
        given = shop if on_cluster else f"STATE={name}"
        raise ReleaseError(f"{name} has releases: make down {given} first")
    if on_cluster:
        target.gateway()
    begin = time.monotonic()
    narrator = Narrator(_variables(place), _SMALL if on_cluster else {})
    narrator.say("Profile demo: quick, and more tolerant than a real rollout should be.")
    try:
        narrator.title(f"1. Version {OLD} opens")
        narrator.run("deploy", VERSION=OLD)
        audience = Audience(Gateway(target.gateway(), place.domain))
        try:
            rows = [
                _play(number, title, narrator, audience) for number, title in enumerate(ACTS, 2)
            ]
        finally:
            audience.leave()
        narrator.title("Who moved what, and why")
        narrator.run("history", shows=True)
        _conclude(rows, audience, time.monotonic() - begin)
    finally:
        narrator.run("down")


def _variables(place: TargetSettings) -> dict[str, object]:
    if place.on_cluster:
        return {
            "TARGET": "kubernetes",
            "CONTEXT": place.context,
            "SHOP": place.names.shop,
            "GATEWAY": place.gateway,
            "REGISTRY": place.registry,
        }
    return {"STATE": place.state, "PORT": place.port}


def _play(number: int, title: str, narrator: Narrator, audience: Audience) -> tuple[str, ...]:
    """Play one act, and return its row of the summary."""
    narrator.title(f"{number}. {title}")
    begin, requests, failed = time.monotonic(), audience.requests, audience.failed
    ACTS[title](narrator, audience)
    seconds = time.monotonic() - begin
    counts = audience.requests - requests, audience.failed - failed
    return title, f"{seconds:.0f} s", *map(str, counts)


def _conclude(rows: list[tuple[str, ...]], audience: Audience, seconds: float) -> None:
    table = Table(box=SIMPLE, pad_edge=False)
    for column in ("what happened", "took", "requests", "failed"):
        table.add_column(column, justify="left" if column == "what happened" else "right")
    for row in rows:
        table.add_row(*row)
    out.print(table)
    unexpected = audience.unexpected()
    out.print(
        f"{seconds:.0f} s, {audience.requests} requests. "
        f"Failed while version {NEW} was made to fail: "
        f"{audience.failed - len(unexpected)}. Otherwise: {len(unexpected)}."
    )
    if unexpected:
        raise ReleaseError(f"{len(unexpected)} requests failed: {unexpected[0]}")
