"""The output of a command to its user: one line for each step, with its time."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console


class _PipeTolerantConsole(Console):
    """A console that falls silent once its reader has gone, as in `make deploy | head`."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        # Without this, the interpreter complains when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


out = _PipeTolerantConsole(highlight=False, soft_wrap=True)
err = _PipeTolerantConsole(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show `text` while the block runs, then one line with the seconds that it took.

    Progress goes to standard error, so that standard output stays fit for a pipe.
    """
    begin = time.monotonic()
    with err.status(text) if sys.stderr.isatty() else nullcontext():
        yield
    err.print(f"[green]done[/green]  {text}  [dim]{time.monotonic() - begin:.1f} s[/dim]")


def note(text: str) -> None:
    """Print a remark to standard error."""
    err.print(text, markup=False)
