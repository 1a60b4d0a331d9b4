"""Signals of a benchmark run: a time limit, an interruption, and their deferral during cleanup."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from bench import BenchError
from release.console import note


@contextmanager
def limit_time(seconds: int) -> Iterator[None]:
    """Raise BenchError in the block after so many seconds, KeyboardInterrupt on SIGINT or SIGTERM.

    Programs that start meanwhile do not inherit the handlers.
    """

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        if number == signal.SIGALRM:
            raise BenchError(f"broken off: the whole run may take {seconds} s")
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, interrupt)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


@contextmanager
def defer_signals() -> Iterator[None]:
    """Deliver the signals that arrive during the block after it: it cleans up."""
    received: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        received.append(number)
        note("stopping what runs")

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = [signal.signal(number, remember) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
        if received:
            signal.raise_signal(received[0])
