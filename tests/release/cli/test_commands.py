"""Nobody waits behind the lock for a download."""

from importlib import import_module
from types import SimpleNamespace
from typing import NoReturn

import pytest
from click.testing import CliRunner

from release.cli.main import main
from release.errors import ToolError
from release.model.names import Names


class WithoutTools:
    """A target with every version deployed, whose programs cannot be fetched."""

    names = Names()
    was_asked = False

    @property
    def tools(self) -> NoReturn:
        self.was_asked = True
        raise ToolError("no network")

    def check(self) -> None:
        """Find nothing wrong."""

    def current(self, namespace: str) -> SimpleNamespace:
        return SimpleNamespace(namespace=namespace, values={})

    def lock(self, doing: str, wait: float = 0) -> NoReturn:
        pytest.fail(f"{doing} has the lock, and no programs")

    shift_lock = lock


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("releases", "deploy"),
        ("traffic", "merge"),
        ("traffic", "rollback"),
        ("shifting", "shift"),
        ("ending", "deprecate"),
        ("ending", "brownout"),
        ("ending", "decommission"),
    ],
)
def test_programs_are_fetched_before_others_have_to_wait(
    monkeypatch: pytest.MonkeyPatch, module: str, command: str
) -> None:
    target = WithoutTools()
    commands = import_module(f"release.cli.commands.{module}")
    monkeypatch.setattr(commands, "open_target", lambda _: target)
    settings = {"VERSION": "1", "TO": "2", "SUNSET": "2999-01-01"}
    done = CliRunner().invoke(main, [command], env=settings)
    assert (target.was_asked, done.exit_code) == (True, 1), done.exception
