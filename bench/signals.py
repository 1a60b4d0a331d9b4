"""Being told to stop: the benchmarks end as soon as what they started is gone."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from bench.answer import BenchError
from release.console import note


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Break the block off after so many seconds with a BenchError, and when this process is told to
    stop with a KeyboardInterrupt. Programs that are started meanwhile do not inherit any of it.
    """

    def interrupted(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    def too_long(number: int, frame: FrameType | None) -> NoReturn:
        raise BenchError(f"broken off: the whole run may take {seconds} s")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let no signal break off a block that tidies up; what came takes effect afterwards."""
    came: list[int] = []

    def later(number: int, frame: FrameType | None) -> None:
        came.append(number)
        note("stopping what runs")

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = [signal.signal(one, later) for one in signals]
    try:
        yield
    finally:
        for one, handler in zip(signals, before, strict=True):
            signal.signal(one, handler)
        if came:
            signal.raise_signal(came[0])
