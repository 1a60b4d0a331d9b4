"""The group of all commands: one-line errors, exit codes, and refused misspellings."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import click

from release.cli.exit_codes import install_signal_handlers, run_command
from release.cli.suggestions import GIVEN, suggestion, unknown_variable
from release.errors import UsageError
from release.settings.options import SECRETS, exposed


class Command(click.Command):
    """Refuses variables on make's command line that it does not know, before anything happens."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = os.environ.get(GIVEN, "").split()
        for name in SECRETS:
            if name in given:
                raise UsageError(exposed(name))
        if wrong := unknown_variable(str(self.name), variables()):
            raise UsageError(wrong)
        return super().parse_args(ctx, args)


class Group(click.Group):
    """Exits with the code that an error stands for; suggests the command that was meant."""

    command_class = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            raise UsageError(f"{args[0]} is not a command{suggestion(args[0], self.commands)}")
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        install_signal_handlers()
        extra["standalone_mode"] = False
        sys.exit(run_command(lambda: click.Group.main(self, *args, **extra)))


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Release backward-incompatible API changes safely."""


_PASSED_ON = ("pipeline",)
"""Commands that hand their environment to others."""


def variables() -> dict[str, set[str]]:
    """Return command -> the variables that it knows."""
    known = {
        name: {str(option.envvar) for option in command.params if option.envvar}
        for name, command in main.commands.items()
    }
    return known | {name: set().union(*known.values()) for name in _PASSED_ON if name in known}
