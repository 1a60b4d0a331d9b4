"""What the benchmark of the matrix measures: all pairs verified, then none."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import timing, verdicts, verification
from contracts.consumers import everybody
from contracts.provider import Provider
from contracts.verdicts import Outcome
from release import project


def test_everything_is_verified_once_and_remembered_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs: list[str] = []

    def run(_pact: bytes, provider: Provider, *_: object) -> tuple[Outcome, str]:
        runs.append(provider.name)
        return Outcome.YES, ""

    def nowhere() -> Path:
        raise AssertionError("verdicts of everyday work were asked, or changed")

    monkeypatch.setattr(verification, "_run", run)
    monkeypatch.setattr(verdicts, "folder", nowhere)
    took = timing.measure()
    assert took.pairs == len(runs) == len(everybody()) * len(project.known_versions())
    assert min(took.cold, took.unchanged) > 0
