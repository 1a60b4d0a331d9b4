"""Signals and exit codes: a foreseeable error becomes one line on standard error."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn
from xmlrpc.client import Fault

import click

from release.console import err
from release.errors import NotReadyError, ReleaseError


def install_signal_handlers() -> None:
    """Leave on SIGTERM and SIGHUP as on Ctrl-C, so that unfinished changes are undone."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)


def _leave(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def run_command(command: Callable[[], int | None]) -> int:
    """Run a command, and return its exit code or that of its error."""
    try:
        return command() or 0
    except ReleaseError as error:
        if isinstance(error, NotReadyError) and error.log:
            err.print(error.log, markup=False, style="dim")
        print_error(str(error))
        return error.exit_code
    except click.BadParameter as error:
        # Its own words would repeat the option, and show the value of a secret.
        print_error(error.message)
        return 2
    except click.ClickException as error:
        print_error(error.format_message())
        return error.exit_code
    except (OSError, Fault) as error:
        # Not foreseen one by one: a full disk, a process manager that dies in mid-sentence.
        reason = str(error).splitlines() or [""]
        print_error(f"{type(error).__name__}: {reason[0]}")
        return 1
    except (KeyboardInterrupt, click.Abort):
        return 130


def print_error(line: str) -> None:
    """Print an error."""
    err.print(f"error: {line}", markup=False, style="bold red")
