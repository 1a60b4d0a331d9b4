"""Copies of stock to be edited, and folders in which nothing was verified yet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from release.contracts.provider import VERIFYING, Provider, read_provider
from release.images import contents

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Edit:
    """One text in one file of stock, or of what verifies it, replaced by another."""

    file: str
    old: str
    new: str

    def apply(self, code: Path, verifying: Path) -> None:
        path = next(path for path in (code / self.file, verifying / self.file) if path.exists())
        text = path.read_text()
        assert self.old in text, f"{self.file} no longer holds {self.old!r}"
        path.write_text(text.replace(self.old, self.new))


Edited = Callable[[int, Iterable[Edit]], Provider]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """Stock of a version after some edits, in a copy."""

    def edit(version: int, edits: Iterable[Edit]) -> Provider:
        root = Path(tempfile.mkdtemp(dir=tmp_path))
        code, verifying = root / "image", root / "contract" / "verifying"
        contents.copy_image("stock", version, code)
        shutil.copytree(VERIFYING, verifying, ignore=shutil.ignore_patterns("__pycache__"))
        for one in edits:
            one.apply(code, verifying)
        return read_provider(code, version, verifying)

    return edit


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A folder for verdicts, with none in it."""
    return tmp_path / "verdicts"


@dataclass(frozen=True)
class Contracts:
    """`python -m release` as make calls it, here or in a copy of the project."""

    folder: Path

    def __call__(self, command: str, **variables: object) -> subprocess.CompletedProcess[str]:
        given = {name: str(value) for name, value in variables.items()}
        return subprocess.run(
            [sys.executable, "-m", "release", command],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **given},
            capture_output=True,
            text=True,
            timeout=300,
        )


@pytest.fixture
def contracts() -> Contracts:
    """The command, in this project."""
    return Contracts(ROOT)


@pytest.fixture
def copied(tmp_path: Path) -> Contracts:
    """The command in a copy of the project that may be edited."""
    target = tmp_path / "project"
    for name in ("contracts", "packages", "release", "services", "load", "requirements", "charts"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, target / name, ignore=ignored, symlinks=True)
    (target / ".tools").symlink_to(ROOT / ".tools")
    return Contracts(target)
