"""A rehearsal that began late: its end is a moment, whatever happens before."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest

from release import retirement, web
from release.errors import ReleaseError
from release.retirement import Retirement


@pytest.fixture
def amended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are replaced, nobody calls, and time passes."""
    rollout = SimpleNamespace(amend=lambda _: None)
    monkeypatch.setattr(retirement, "Rollout", lambda *_: rollout)
    monkeypatch.setattr(retirement, "_browned_out", lambda *_: {})
    monkeypatch.setattr(web, "wait_until", lambda *_, **__: True)


def late(seconds: int) -> Retirement:
    """With processes that take so long that `seconds` of the rehearsal are lost."""
    target = SimpleNamespace(
        settling=-seconds, lock=lambda _: nullcontext(), prometheus=lambda *_: None
    )
    return Retirement(cast(Any, target), {}, 1, "qv1")


@pytest.mark.usefixtures("amended")
def test_one_that_was_over_before_it_began_is_no_rehearsal() -> None:
    with pytest.raises(ReleaseError, match=r"nothing was rehearsed: .* 0 s are left of 10 s; give"):
        late(11).brown_out(10)


@pytest.mark.usefixtures("amended")
def test_one_that_is_shorter_than_asked_for_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    assert late(50).brown_out(100) == {}
    assert "took so long that" in capfd.readouterr().err
    assert late(-50).brown_out(100) == {}
    assert "took so long that" not in capfd.readouterr().err
