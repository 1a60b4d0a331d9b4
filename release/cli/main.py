"""The command line: the group of all commands, one-line errors, and refused misspellings."""

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from release.cli.exit_codes import install_signal_handlers, run_command
from release.cli.suggestions import EVERYWHERE, GIVEN, suggestion, unknown_variable
from release.errors import UsageError
from release.settings.options import SECRETS, exposed

_MODULES = {
    "clusters": ("platform", "doctor"),
    "contracts": ("contracts", "verify", "openapi"),
    "demo": ("demo",),
    "ending": ("deprecate", "consumers", "brownout", "decommission"),
    "load": ("load",),
    "packaging": ("images", "chart-repos", "publish-charts"),
    "pipeline": ("helm-dependencies", "release-pod", "smoke-test", "notify", "report", "pipeline"),
    "rehearsals": ("fault",),
    "releases": ("deploy", "undo", "status", "logs", "tools", "down"),
    "shifting": ("shift",),
    "traffic": ("merge", "rollback", "history"),
}
"""Module of release.cli.commands -> its commands. Only the module of the called one is imported."""
_HOMES = {command: module for module, commands in _MODULES.items() for command in commands}
_PASSED_ON = "pipeline"
"""The command that hands its environment to others."""


class Command(click.Command):
    """Refuses variables on make's command line that it does not know, before anything happens."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = set(os.environ.get(GIVEN, "").split())
        for name in SECRETS:
            if name in given:
                raise UsageError(exposed(name))
        doubtful = given - EVERYWHERE - _variables_of(self)
        if doubtful and (wrong := unknown_variable(str(self.name), variables())):
            raise UsageError(wrong)
        return super().parse_args(ctx, args)


class Group(click.Group):
    """Exits with the code that an error stands for; suggests the command that was meant."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _HOMES:
            raise UsageError(f"{cmd_name} is not a command{suggestion(cmd_name, _HOMES)}")
        import_module(f"release.cli.commands.{_HOMES[cmd_name]}")
        return super().get_command(ctx, cmd_name)

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        install_signal_handlers()
        extra["standalone_mode"] = False
        sys.exit(run_command(lambda: click.Group.main(self, *args, **extra)))


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Release backward-incompatible API changes safely."""


def variables() -> dict[str, set[str]]:
    """Return command -> the variables that it knows."""
    context = click.Context(main)
    commands = {name: main.get_command(context, name) for name in _HOMES}
    known = {name: _variables_of(command) for name, command in commands.items() if command}
    return known | {_PASSED_ON: set().union(*known.values())}


def _variables_of(command: click.Command) -> set[str]:
    return {str(option.envvar) for option in command.params if option.envvar}
