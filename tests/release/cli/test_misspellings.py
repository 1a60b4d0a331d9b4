"""Nothing that was misspelt, and no secret, passes on a command line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from release.settings.options import SECRETS
from tests.conftest import ROOT, clean_environment


def said(*words: str, **environment: str) -> str:
    """The one error of a make that must fail."""
    done = subprocess.run(
        ["make", *words],
        cwd=ROOT,
        env=clean_environment() | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("make: ")]
    return line.removeprefix("error: ")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("down VERSON=1", "VERSON is not known to make down: did you mean VERSION?"),
        (
            "decommission VERSION=1 DRYRUN=1",
            "DRYRUN is not known to make decommission: did you mean DRY_RUN?",
        ),
        ("merge WIEGHT=5", "WIEGHT is not known to make merge: did you mean WEIGHT?"),
        ("status QQQ=5", "QQQ is not known to make status"),
        ("merge shift TO=2 WIEGHT=5", "WIEGHT is not known to make merge: did you mean WEIGHT?"),
        ("dploy", "dploy is not a target: did you mean deploy?"),
        ("qqq", "qqq is not a target: make help lists the targets"),
        (
            "pipeline VERSION=2 PUSH=1",
            "PUSH=1 needs REGISTRY=, as in REGISTRY=registry.example/team",
        ),
        ("deploy", "VERSION is missing: give one of 1, 2, as in VERSION=2"),
        ("logs SERVICE=stock", "VERSION is missing: give one of 1, 2, as in VERSION=2"),
    ],
)
def test_what_is_misspelt_is_refused(tmp_path: Path, words: str, error: str) -> None:
    assert said(*words.split(), STATE=str(tmp_path)) == error


def test_the_environment_may_hold_what_a_command_does_not_know(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "status"],
        cwd=ROOT,
        env=clean_environment() | {"VERSION": "9", "VERSON": "1", "STATE": str(tmp_path / "shop")},
        capture_output=True,
    )
    assert done.returncode == 0


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("command", ["deploy", "images"])
def test_no_secret_is_taken_from_a_command_line(tmp_path: Path, name: str, command: str) -> None:
    error = said(command, "VERSION=1", f"{name}=hush", STATE=str(tmp_path / "shop"))
    assert error == f"{name}: a command line is visible to everybody; export it instead"


def test_a_goal_is_never_run(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    for evil in (f"$(shell touch {witness})", f"x;touch {witness}", f"`touch {witness}`"):
        said(evil)
    assert not witness.exists()
    assert os.listdir(tmp_path) == []
