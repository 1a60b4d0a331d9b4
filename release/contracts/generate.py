"""Writes catalog's pacts: the contract tests of its stock clients produce them."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from release import paths
from release.contracts.consumers import OWN
from release.toolchain.subprocesses import run

TESTS = paths.ROOT / "services" / "catalog" / "tests"


def generate(folder: Path = OWN) -> tuple[Path, ...]:
    """Run those tests and make their pacts the only ones of a folder; ToolError when one fails.

    It needs the development environment.
    """
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        environment = {**os.environ, "PACTS": scratch, "PACT_DO_NOT_TRACK": "true"}
        quiet = ["-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"]
        run(
            [
                sys.executable,
                "-m",
                "pytest",
                *quiet,
                *sorted(TESTS.glob("v*/test_stock_contract.py")),
            ],
            cwd=paths.ROOT,
            env=environment,
        )
        new = sorted(Path(scratch).iterdir())
        for path in folder.glob("*.json"):
            path.unlink()
        return tuple(path.rename(folder / path.name) for path in new)
