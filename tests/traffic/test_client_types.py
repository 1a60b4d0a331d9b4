"""A folder of a version is all that it takes to have clients of that version."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click import BadParameter

import load
from load.client_types import CLIENT_TYPES
from release.cli.commands.load import Mix


@pytest.mark.parametrize("name", CLIENT_TYPES)
def test_every_type_of_clients_can_be_asked_for(name: str) -> None:
    assert Mix().convert(name, None, None) == (name,)


def test_clients_without_a_folder_are_refused() -> None:
    with pytest.raises(BadParameter, match=r"='v99-clients' is not known: give some of .*browsers"):
        Mix().convert("v99-clients", None, None)


def test_a_copied_folder_is_a_new_version_and_a_deleted_one_is_gone(tmp_path: Path) -> None:
    copy = tmp_path / "load"
    shutil.copytree(load.__path__[0], copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(copy / "v2", copy / "v3")
    for path in (copy / "v3").glob("*.py"):
        path.write_text(re.sub(r"\b2\b", "3", path.read_text()))
    shutil.rmtree(copy / "v1")
    script = (
        "from load.client_types import _LANGUAGES as known; "
        "print(*known, *(one.version for one in known.values()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["v2-clients", "v3-clients", "2", "3"]
