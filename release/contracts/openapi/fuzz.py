"""Tries a running service against its description: requests good and bad, every answer checked."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[3]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
CASES = "OPENAPI_CASES"
A_FEW = 10
SECONDS_PER_CASE = 3


@dataclass(frozen=True)
class Trial:
    """Whether every answer was as described; `report` tells what was not, and how to repeat it."""

    passed: bool
    report: str


def described_at(url: str) -> Any:
    """The description that a service gives of itself."""
    return requests.get(f"{url}/openapi.json", timeout=10).json()


def tried(url: str, description: Any, *options: str) -> Trial:
    """Send the service at `url` what the description allows, and what it does not.

    OPENAPI_CASES says how many requests are made up for each operation, 10 unless it is set; the
    same ones every time. `options` are those of `schemathesis run`.
    """
    cases = int(os.environ.get(CASES, A_FEW))
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)]
    with tempfile.TemporaryDirectory() as folder:
        # From a file, since the program leaves out the address that a description came from.
        file = Path(folder, "openapi.json")
        file.write_text(json.dumps(description))
        ended = subprocess.run(  # noqa: S603
            [*program, "run", file, "--url", url, "--max-examples", str(cases), *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120 + cases * SECONDS_PER_CASE,
        )
    return Trial(ended.returncode == 0, ended.stdout)
