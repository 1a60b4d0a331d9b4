"""What every command shares: settings from the environment, so that nothing is ever parsed by a
shell; foreseeable errors as one line and an exit code; signals that let what was begun be undone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps

import click

from release.cli.ending import exit_code, leave_tidily
from release.settings import Settings


@click.group()
def main() -> None:
    """Release backward-incompatible API changes safely."""
    leave_tidily()


def command(function: Callable[[Settings], None]) -> None:
    """Register a command under the name of its function."""

    def with_settings() -> None:
        settings = Settings.from_environment()
        settings.check()
        function(settings)

    @wraps(function)
    def run() -> None:
        sys.exit(exit_code(with_settings))

    main.command(name=function.__name__.replace("_", "-"))(run)
