"""What a person sees while a command works: one line for each step, with its time."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class _Patient(Console):
    """Goes on in silence when nobody reads any more: `make deploy | head` must not stop it."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        # Or the interpreter complains when it flushes on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


out = _Patient(highlight=False, soft_wrap=True)
err = _Patient(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show `text` while the block runs, then one line with the seconds that it took.

    Progress goes to standard error, so that standard output stays fit for a pipe.
    """
    begin = time.monotonic()
    with err.status(text) if sys.stderr.isatty() else _plain():
        yield
    err.print(f"[green]done[/green]  {text}  [dim]{time.monotonic() - begin:.1f} s[/dim]")


def note(text: str) -> None:
    """Say something in passing."""
    err.print(text, markup=False)


@contextmanager
def _plain() -> Iterator[None]:
    yield
