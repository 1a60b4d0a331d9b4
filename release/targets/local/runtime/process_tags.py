"""Finds the processes of a state folder by a tag in their environment.

So those that a killed process manager left behind are found, whatever their parent is by then.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

TAG = "PARALLEL_RELEASES_STATE"


def tagged_environment(folder: Path) -> dict[str, str]:
    """Return the environment for the processes of a state folder.

    It leaves out all else that the caller has exported: secrets, or the flags of make.
    """
    names = ("PATH", "HOME", "TMPDIR", "LANG")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {"LANG": "C.UTF-8", **kept, TAG: str(folder)}


def find_processes(folder: Path) -> list[psutil.Process]:
    """Return every running process with the tag of this state folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(TAG) == str(folder):
                found.append(process)
    return found


def end_processes(folder: Path) -> None:
    """End all processes of the folder: SIGTERM, 15 seconds, SIGKILL."""
    found = find_processes(folder)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(found, timeout=15)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
