"""Virtual environments with the locked requirements of one purpose, kept in the tools folder."""

import hashlib
import shutil
import sys
import time
from pathlib import Path

import psutil

from release import paths
from release.console import step
from release.files import locked, private_folder
from release.toolchain.subprocesses import run

KEPT = 30 * 86400
"""Seconds for which an unused environment is kept."""


def ensure_virtualenv(name: str, requirements: Path | None = None) -> Path:
    """Return the interpreter of the environment for `requirements`, by default
    requirements/<name>.txt. Create the environment if it is missing.

    Changed requirements make another environment: running processes keep theirs.
    """
    requirements = requirements or paths.requirements(name)
    facts = requirements.read_bytes() + sys.version.encode() + sys.prefix.encode()
    folder = private_folder(paths.tools_folder() / "environments")
    environment = folder / f"{name}-{hashlib.sha256(facts).hexdigest()[:16]}"
    python, complete = environment / "bin" / "python", environment / "complete"
    with locked(folder / f".{environment.name}.lock"):
        if complete.exists():
            complete.touch()  # its age is the time since the last use
            return python
        with step(f"installing the packages of requirements/{requirements.name}"):
            run([sys.executable, "-m", "venv", "--without-pip", "--clear", environment])
            install = ["install", "--quiet", "--no-deps", "--require-hashes", "--requirement"]
            run([sys.executable, "-m", "pip", "--python", python, *install, requirements])
            complete.touch()
    return python


def remove_unused() -> None:
    """Remove environments that no clone has used for a month and that no process runs in."""
    folder = paths.tools_folder() / "environments"
    for complete in folder.glob("*/complete"):
        environment = complete.parent
        if _is_stale(complete):
            with locked(folder / f".{environment.name}.lock"):
                if _is_stale(complete) and not _has_processes(environment):
                    shutil.rmtree(environment, ignore_errors=True)


def _is_stale(complete: Path) -> bool:
    return complete.exists() and time.time() - complete.stat().st_mtime > KEPT


def _has_processes(environment: Path) -> bool:
    return any(
        argument.startswith(f"{environment}/")
        for process in psutil.process_iter(["cmdline"])
        for argument in (process.info["cmdline"] or ())[:1]
    )
