"""`make shift` at work, beside visitors, for tests that interfere."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from load import client_types
from load.stats import Recorder
from load.traffic import Traffic
from tests.conftest import Shop, eventually, kill

LONG = 90
"""Seconds in which a shift of the demo's profile has long ended, on a busy machine too."""


@contextmanager
def visitors(shop: Shop) -> Iterator[Recorder]:
    hosts = client_types.find_hosts(shop.gateway)
    with Traffic(client_types.make_mix(shop.gateway, hosts, ["browsers"]), rate=40) as record:
        yield record


@dataclass
class Shift:
    """`make shift TO=2` at work, and what it has told so far."""

    process: subprocess.Popen[str]
    events: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.events.append(json.loads(line))

    @property
    def moves(self) -> list[int]:
        return [event["weight"] for event in self.events if event["event"] == "move"]

    def held(self, reason: str, since: int = 0) -> list[dict[str, Any]]:
        """The looks from the event of that number on that held for this reason."""
        return [
            event
            for event in self.events[since:]
            if event.get("verdict") == "hold" and reason in event["reason"]
        ]

    def reaches(self, weight: int) -> None:
        eventually(
            lambda: weight in self.moves or self.process.poll() is not None,
            limit=LONG,
            what=f"{weight} % of the visitors",
        )
        assert weight in self.moves, self.told()

    def ends(self) -> tuple[int, str]:
        """Its exit code, and what it wrote on standard error."""
        eventually(lambda: self.process.poll() is not None, limit=LONG, what="the end of the shift")
        self._reader.join(10)
        assert self.process.stderr
        return self.process.returncode, self.process.stderr.read()

    def told(self) -> str:
        return "\n".join(str(event) for event in self.events)


@contextmanager
def shifting(shop: Shop, **variables: object) -> Iterator[Shift]:
    given = {"TO": 2, "PROFILE": "demo", "HOLD_LIMIT": "10m", "JSON": 1, **variables}
    with shop.start("shift", **given) as running:
        shift = Shift(running)
        try:
            yield shift
        finally:
            if running.poll() is None:
                kill(psutil.Process(running.pid).children(recursive=True))


def weight(shop: Shop) -> int:
    shares = shop.status()["entrypoint"]["shares"]
    return next(int(share["weight"]) for share in shares if share["version"] == 2)


def running(shop: Shop, *names: str) -> list[psutil.Process]:
    """The processes that make status lists under names that begin so."""
    found = []
    for release in shop.status()["releases"]:
        for process in release["processes"]:
            if process["name"].startswith(names) and process["pid"]:
                # One that ends as soon as it starts has ended before it is looked for.
                with suppress(psutil.NoSuchProcess):
                    found.append(psutil.Process(process["pid"]))
    return found
