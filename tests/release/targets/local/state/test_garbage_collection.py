"""What nobody needs any more does not fill the disk."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from release.targets.local.state.revisions import Instance, LocalRevision
from release.targets.local.state.state_folder import StateFolder
from release.toolchain import virtualenvs

LONG_AGO = time.time() - virtualenvs.KEPT - 60


def _revision(number: int) -> LocalRevision:
    name = f"qv1.stock.r{number}.0"
    process = Instance(name, "stock", "service", "", {}, {}, "http", "/readyz", 0, 1)
    images = {"stock:1.0.0": f"stock-v1-{number}"}
    return LocalRevision("qv1", 1, "1.0.0", number, 0.0, {}, images, instances=[process])


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    state = StateFolder(tmp_path / "state")
    for number in (2, 3):
        state.save(_revision(number))
        state.save(replace(_revision(number), namespace="copy"))
    return state


def test_code_of_recorded_revisions_stays_and_other_code_goes(state: StateFolder) -> None:
    for number in (1, 2, 3):
        state.path("images", f"stock-v1-{number}").mkdir(parents=True)
    state.collect_garbage()
    assert {path.name for path in state.path("images").iterdir()} == {"stock-v1-2", "stock-v1-3"}


def test_logs_of_recorded_processes_stay_and_other_logs_go(state: StateFolder) -> None:
    logs = state.path("logs", "qv1")
    logs.mkdir(parents=True)
    gateway = state.path("logs", "gateway.log")
    gateway.touch()
    for number in (1, 2, 3):
        (logs / f"qv1.stock.r{number}.0.log").touch()
        (logs / f"qv1.stock.r{number}.0.log.1").touch()
    state.collect_garbage()
    assert sorted(path.name for path in logs.iterdir()) == [
        "qv1.stock.r2.0.log",
        "qv1.stock.r2.0.log.1",
        "qv1.stock.r3.0.log",
        "qv1.stock.r3.0.log.1",
    ]
    assert gateway.exists()


def test_environments_go_when_nobody_asked_for_them_in_a_month_and_nothing_runs_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLS", str(tmp_path))
    folder = tmp_path / "environments"
    for name in ("young", "old", "at-work"):
        (folder / name / "bin").mkdir(parents=True)
        (folder / name / "complete").touch()
    for name in ("old", "at-work"):
        os.utime(folder / name / "complete", (LONG_AGO, LONG_AGO))
    sleeper = folder / "at-work" / "bin" / "sleep"
    sleeper.symlink_to("/bin/sleep")
    with subprocess.Popen([sleeper, "60"]) as process:
        virtualenvs.remove_unused()
        process.kill()
    kept = {path.name for path in folder.iterdir() if path.is_dir()}
    assert kept == {"young", "at-work"}


def test_an_environment_that_is_asked_for_counts_as_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLS", str(tmp_path))
    nothing = tmp_path / "requirements.txt"
    nothing.touch()
    complete = virtualenvs.ensure_virtualenv("stock", nothing).parent.parent / "complete"
    os.utime(complete, (LONG_AGO, LONG_AGO))
    virtualenvs.ensure_virtualenv("stock", nothing)
    virtualenvs.remove_unused()
    assert complete.exists()
