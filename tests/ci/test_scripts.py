"""What the scripts of .ci refuse before they begin."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, clean_environment


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which nothing is installed."""
    shutil.copytree(ROOT / ".ci", tmp_path / "clone" / ".ci")
    shutil.copy(ROOT / "Makefile", tmp_path / "clone")
    (tmp_path / "clone" / "tests").mkdir()
    return tmp_path / "clone"


def call(clone: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**clean_environment(), **variables}
    return subprocess.run(words, cwd=clone, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("tests", ["tests/nope", "tests tests/nope", "tests/nope::test_it tests"])
def test_tests_that_are_not_there_are_named_before_anything_is_installed(
    clone: Path, tests: str
) -> None:
    done = call(clone, "make", "test", f"TESTS={tests}")
    assert done.returncode != 0
    assert "/nope" in done.stderr
    assert ": no such file or folder" in done.stderr
    assert not (clone / ".venv").exists()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH whose make and docker do nothing; make writes down what it was asked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, line in (("make", f'echo "$@" >>{tmp_path}/asked'), ("docker", "exit 0")):
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("variables", [{}, {"CLUSTER": "/nowhere/cluster"}])
def test_a_run_without_the_cluster_that_it_needs_fails(
    clone: Path, programs: Path, variables: dict[str, str]
) -> None:
    path = f"{programs}:{os.environ['PATH']}"
    done = call(clone, ".ci/run", PATH=path, **variables)
    assert done.returncode == 1
    assert "CLUSTER=none leaves out the tests that need a cluster" in done.stderr
    assert not (programs.parent / "asked").exists()


def test_a_run_without_a_cluster_makes_everything_else(clone: Path, programs: Path) -> None:
    path = f"{programs}:{os.environ['PATH']}"
    (clone / ".ci" / "packages").write_text("#!/bin/sh\nmake packages\n")
    assert call(clone, ".ci/run", PATH=path, CLUSTER="none").returncode == 0
    assert (programs.parent / "asked").read_text().split() == ["packages", "test", "lint"]
