"""What the options that commands share make of the caller's variables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import click
from click.testing import CliRunner

from release.errors import UsageError
from release.settings import options


@click.command()
@options.target_options
@options.optional_namespace_options
@click.pass_context
def _probe(context: click.Context, /, **values: Any) -> None:
    context.ensure_object(dict).update(values)


def parse(**variables: str) -> Any:
    """Return `place` and `namespace`. Raises UsageError."""
    found: dict[str, Any] = {}
    unset: dict[str, str | None] = {str(option.envvar): None for option in _probe.params}
    try:
        CliRunner().invoke(
            _probe,
            env={**unset, **variables},
            obj=found,
            standalone_mode=False,
            catch_exceptions=False,
        )
    except click.BadParameter as error:
        raise UsageError(error.message) from error
    return SimpleNamespace(**found)
