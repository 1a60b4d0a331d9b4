"""The end of a brownout is a fixed moment, however late it begins."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from release.cli.commands import ending
from release.cli.main import main
from release.clients import http
from release.lifecycle import brownout
from release.model import services
from tests.conftest import NEWEST


@pytest.fixture
def amended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are replaced, somebody calls, and time passes."""
    release = SimpleNamespace(change_values=lambda _: None)
    monkeypatch.setattr(brownout, "VersionRelease", lambda *_: release)
    monkeypatch.setattr(brownout, "_refused", lambda *_: {"a-script": 3})
    monkeypatch.setattr(http, "wait_until", lambda *_, **__: True)


def rehearsed(monkeypatch: pytest.MonkeyPatch, *, lost: int) -> tuple[int, str]:
    """The exit code and the words of one of 100 s, of which replacing the processes takes some."""
    target = SimpleNamespace(
        rollout_timeout=-lost, lock=lambda _: nullcontext(), prometheus=lambda *_: None
    )
    monkeypatch.setattr(ending, "_deployed", lambda *_: target)
    done = CliRunner().invoke(main, ["brownout"], env={"VERSION": str(NEWEST), "FOR": "100s"})
    return done.exit_code, done.output


@pytest.mark.usefixtures("amended")
def test_one_that_was_over_before_it_began_is_no_rehearsal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Callers that met the old processes are named too."""
    code, said = rehearsed(monkeypatch, lost=101)
    assert code == 1
    assert f"a-script called {3 * len(services.NAMES)} times" in said
    assert "error: the rehearsal was over before every process was replaced" in said


@pytest.mark.usefixtures("amended")
def test_one_that_is_shorter_than_asked_for_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = rehearsed(monkeypatch, lost=50)
    assert code == 0
    assert " s of 100 s" in said
    code, said = rehearsed(monkeypatch, lost=-30)
    assert code == 0
    assert " s of 100 s" not in said
