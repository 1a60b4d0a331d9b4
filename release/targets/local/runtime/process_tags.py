"""Which processes of this machine are ours: all that we start carry a mark in their environment.

That is how what a killed process manager left behind is found, whoever its parent is by then.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

MARK = "PARALLEL_RELEASES_STATE"


def environment(folder: Path) -> dict[str, str]:
    """What every process of a state folder gets, and nothing else of the caller's.

    A caller may have exported secrets, and make its flags: none of them is for services.
    """
    kept = ("PATH", "HOME", "TMPDIR", "LANG")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    return {"LANG": "C.UTF-8", **found, MARK: str(folder)}


def processes(folder: Path) -> list[psutil.Process]:
    """Every living process with the mark of this state folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == str(folder):
                found.append(process)
    return found


def end(folder: Path) -> None:
    """End them all: SIGTERM, a while to finish, SIGKILL."""
    found = processes(folder)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(found, timeout=15)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
