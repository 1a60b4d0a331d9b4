"""Python environments with exactly the locked requirements of one purpose, kept in the tools
folder.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from pathlib import Path

import psutil

from release import paths
from release.console import step
from release.files import locked, private_folder
from release.toolchain.programs import run

KEPT = 30 * 86400
"""Seconds that an environment which nobody asks for is kept."""


def python_of(name: str, locked_in: Path | None = None) -> Path:
    """The interpreter of the environment for requirements/<name>.txt, or for another file of that
    purpose; made when it is missing.

    A change of the requirements makes another environment: what runs keeps its own.
    """
    requirements = locked_in or paths.requirements(name)
    facts = requirements.read_bytes() + sys.version.encode() + sys.prefix.encode()
    folder = private_folder(paths.tools_folder() / "environments")
    environment = folder / f"{name}-{hashlib.sha256(facts).hexdigest()[:16]}"
    python, complete = environment / "bin" / "python", environment / "complete"
    with locked(folder / f".{environment.name}.lock"):
        if complete.exists():
            complete.touch()  # asked for today: see prune
            return python
        with step(f"installing the packages of requirements/{requirements.name}"):
            run([sys.executable, "-m", "venv", "--without-pip", "--clear", environment])
            install = ["install", "--quiet", "--no-deps", "--require-hashes", "--requirement"]
            run([sys.executable, "-m", "pip", "--python", python, *install, requirements])
            complete.touch()
    return python


def prune() -> None:
    """Remove the environments that no clone has asked for in a month and no process runs in."""
    folder = paths.tools_folder() / "environments"
    for complete in folder.glob("*/complete"):
        environment = complete.parent
        if not _forgotten(complete):
            continue
        with locked(folder / f".{environment.name}.lock"):
            if _forgotten(complete) and not _at_work(environment):
                shutil.rmtree(environment, ignore_errors=True)


def _forgotten(complete: Path) -> bool:
    return complete.exists() and time.time() - complete.stat().st_mtime > KEPT


def _at_work(environment: Path) -> bool:
    processes = psutil.process_iter(["cmdline"])
    return any(
        argument.startswith(f"{environment}/")
        for process in processes
        for argument in (process.info["cmdline"] or ())[:1]
    )
