"""Sends a running service good and bad requests, and checks each answer by its description."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
CASES = "OPENAPI_CASES"
A_FEW = 10
SECONDS_PER_CASE = 3


@dataclass(frozen=True)
class FuzzResult:
    """`passed`: every answer was as described; `report`: which were not, and how to repeat it."""

    passed: bool
    report: str


def fetch_description(url: str) -> Any:
    """Return the description that a service serves."""
    return requests.get(f"{url}/openapi.json", timeout=10).json()


def fuzz(url: str, description: Any, *options: str) -> FuzzResult:
    """Send the service at `url` requests that the description allows, and others that it does not.

    OPENAPI_CASES is the number of requests that are made up for each operation, 10 by default; they
    are the same every time. `options` are those of `schemathesis run`.
    """
    cases = int(os.environ.get(CASES, A_FEW))
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)]
    with tempfile.TemporaryDirectory() as folder:
        # From a file, since the program leaves out the address that a description came from.
        file = Path(folder, "openapi.json")
        file.write_text(json.dumps(description))
        ended = subprocess.run(
            [*program, "run", file, "--url", url, "--max-examples", str(cases), *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120 + cases * SECONDS_PER_CASE,
        )
    return FuzzResult(ended.returncode == 0, ended.stdout)
