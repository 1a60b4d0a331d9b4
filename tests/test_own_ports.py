"""Tests that run side by side do not get each other's ports."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import ROOT, free_port

HANDED_OUT = 300
ANOTHER = "from tests.conftest import *; print(json.dumps([free_port() for _ in range({count})]))"


def test_a_port_is_handed_out_once() -> None:
    own = [free_port() for _ in range(HANDED_OUT)]
    assert len(set(own)) == HANDED_OUT


def test_another_process_of_tests_gets_other_ports() -> None:
    own = [free_port() for _ in range(HANDED_OUT)]
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER.format(count=HANDED_OUT)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    others = json.loads(done.stdout)
    assert len(others) == HANDED_OUT
    assert not set(own) & set(others)
