"""What every command shares: settings from the environment, so that nothing is ever parsed by a
shell; foreseeable errors as one line and an exit code; signals that let what was begun be undone.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import wraps
from types import FrameType
from typing import NoReturn
from xmlrpc.client import Fault, ProtocolError

import click

from release.console import err
from release.errors import NotReadyError, ReleaseError
from release.settings import Settings


@click.group()
def main() -> None:
    """Release backward-incompatible API changes safely."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As Ctrl-C: what was begun is undone on the way out.
        signal.signal(number, _leave)


def _leave(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def command(function: Callable[[Settings], None]) -> None:
    """Register a command under the name of its function."""

    @wraps(function)
    def run() -> None:
        try:
            settings = Settings.from_environment()
            settings.check()
            function(settings)
        except ReleaseError as error:
            if isinstance(error, NotReadyError) and error.log:
                err.print(error.log, markup=False, style="dim")
            err.print(f"error: {error}", markup=False, style="bold red")
            sys.exit(error.exit_code)
        except (OSError, Fault, ProtocolError) as error:
            # Not foreseen one by one: a full disk, a process manager that dies in mid-sentence.
            reason = str(error).splitlines() or [""]
            err.print(f"error: {type(error).__name__}: {reason[0]}", markup=False, style="bold red")
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)

    main.command(name=function.__name__.replace("_", "-"))(run)
