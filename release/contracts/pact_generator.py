"""Writes catalog's pacts: the contract tests of its stock clients produce them."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from release import paths
from release.contracts.consumers import OWN
from release.toolchain.subprocesses import run

TESTS = paths.ROOT / "services" / "catalog" / "tests"


def generate_pacts(folder: Path = OWN) -> tuple[Path, ...]:
    """Run the tests and replace the pacts of a folder. Raises ToolError if a test fails.

    It needs the development environment.
    """
    options = ("-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist")
    tests = sorted(TESTS.glob("v*/test_stock_contract.py"))
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        environment = {**os.environ, "PACTS": scratch, "PACT_DO_NOT_TRACK": "true"}
        run([sys.executable, "-m", "pytest", *options, *tests], cwd=paths.ROOT, env=environment)
        new = sorted(Path(scratch).iterdir())
        for path in folder.glob("*.json"):
            path.unlink()
        return tuple(path.rename(folder / path.name) for path in new)


def normalize_pact(text: str) -> str:
    """Return a pact in a fixed order and without the versions of the tools that wrote it."""
    document = json.loads(text)
    specification = document["metadata"]["pactSpecification"]
    document["metadata"] = {"pactSpecification": specification}
    document["interactions"].sort(key=lambda interaction: interaction["description"])
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
