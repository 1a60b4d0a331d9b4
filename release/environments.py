"""Python environments with exactly the locked requirements of one purpose, kept in the tools
folder.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from release import project
from release.console import step
from release.files import locked, private_folder
from release.programs import run


def python_of(name: str, locked_in: Path | None = None) -> Path:
    """The interpreter of the environment for requirements/<name>.txt, or for another file of that
    purpose; made when it is missing.

    A change of the requirements makes another environment: what runs keeps its own.
    """
    requirements = locked_in or project.requirements(name)
    facts = requirements.read_bytes() + sys.version.encode() + sys.prefix.encode()
    folder = private_folder(project.tools_folder() / "environments")
    environment = folder / f"{name}-{hashlib.sha256(facts).hexdigest()[:16]}"
    python, complete = environment / "bin" / "python", environment / "complete"
    with locked(folder / f".{environment.name}.lock"):
        if complete.exists():
            return python
        with step(f"installing the packages of requirements/{requirements.name}"):
            run([sys.executable, "-m", "venv", "--without-pip", "--clear", environment])
            install = ["install", "--quiet", "--no-deps", "--require-hashes", "--requirement"]
            run([sys.executable, "-m", "pip", "--python", python, *install, requirements])
            complete.touch()
    return python
