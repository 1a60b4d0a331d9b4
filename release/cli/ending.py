"""How a command ends: what can be foreseen becomes one line on standard error and an exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn
from xmlrpc.client import Fault, ProtocolError

from release.console import err
from release.errors import NotReadyError, ReleaseError


def leave_tidily() -> None:
    """Being told to stop is as Ctrl-C: what was begun is undone on the way out."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)


def _leave(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def exit_code(command: Callable[[], int | None]) -> int:
    """Run a command; what it returns, or what its error stands for."""
    try:
        return command() or 0
    except ReleaseError as error:
        if isinstance(error, NotReadyError) and error.log:
            err.print(error.log, markup=False, style="dim")
        _say(str(error))
        return error.exit_code
    except (OSError, Fault, ProtocolError) as error:
        # Not foreseen one by one: a full disk, a process manager that dies in mid-sentence.
        reason = str(error).splitlines() or [""]
        _say(f"{type(error).__name__}: {reason[0]}")
        return 1
    except KeyboardInterrupt:
        return 130


def _say(line: str) -> None:
    err.print(f"error: {line}", markup=False, style="bold red")
