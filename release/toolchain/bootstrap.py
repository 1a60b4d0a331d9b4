"""Makes the virtual environment: `python3 -m release.toolchain.bootstrap release|dev`.

`release` holds what the commands need, `dev` what tests, benchmarks and linters need on top.
Standard library only; no step is done twice.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
OLDEST = (3, 11)


def install_requirements(purpose: str) -> None:
    """Install the locked requirements of a purpose. Raises SystemExit with the reason."""
    if sys.version_info < OLDEST:
        _fail(
            f"Python {platform.python_version()} is too old, 3.11 is needed: "
            "name one with PYTHON=/path/to/python3"
        )
    requirements = ROOT / "requirements" / f"{purpose}.txt"
    stamp = ENVIRONMENT / f"{purpose}.installed"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        stamp.touch()  # make compares ages only: the stamp must be younger than the requirements
        return
    begin = time.monotonic()
    print(f"setting up .venv ({purpose}), once", file=sys.stderr, flush=True)
    if not PYTHON.exists():
        venv = [sys.executable, "-m", "venv", "--without-pip", str(ENVIRONMENT)]
        # Its output is captured, since it ends with a traceback when it is interrupted.
        made = subprocess.run(venv, capture_output=True, text=True, check=False)  # noqa: S603
        if made.returncode != 0:
            lines = (made.stderr or made.stdout).strip().splitlines()
            reason = lines[-1] if lines else "python -m venv gives no reason"
            _fail(f".venv could not be made: {reason}")
    _ensure_pip()
    if _pip("install", "--quiet", "--require-hashes", "--requirement", str(requirements)) != 0:
        _fail(f"the packages of requirements/{purpose}.txt could not be installed: see above")
    stamp.write_text(digest)
    print(f"done  .venv  {time.monotonic() - begin:.1f} s", file=sys.stderr)


def _ensure_pip() -> None:
    """Install pip into the environment. Debian keeps ensurepip in python3-venv; the wheel that it
    would install can be downloaded without root.
    """
    if _pip("--version", quiet=True) == 0:
        return
    ensurepip = [str(PYTHON), "-m", "ensurepip", "--default-pip"]
    if subprocess.run(ensurepip, capture_output=True, check=False).returncode == 0:  # noqa: S603
        return
    wheel = _debian_pip()
    if wheel is None:
        _fail("this Python has no pip and no ensurepip: apt-get install python3-venv")
    path = os.environ | {"PYTHONPATH": str(wheel)}
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-index", str(wheel)]
    subprocess.run(install, env=path, check=True)  # noqa: S603


def _debian_pip() -> Path | None:
    from release.errors import ToolError
    from release.paths import tools_folder
    from release.toolchain.fetch import DebianPackage

    folder = tools_folder()
    folder.mkdir(parents=True, exist_ok=True)
    package = DebianPackage("python3-pip-whl")
    try:
        package.fetch(folder)
    except ToolError as error:
        print(error, file=sys.stderr)
        return None
    wheels = package.binaries(folder).with_name("share") / "python-wheels"
    return next(wheels.glob("pip-*.whl"), None)


def _pip(*arguments: str, quiet: bool = False) -> int:
    command = [str(PYTHON), "-m", "pip", *arguments]
    return subprocess.run(command, capture_output=quiet, check=False).returncode  # noqa: S603


def _fail(line: str) -> NoReturn:
    sys.exit(f"error: {line}")


if __name__ == "__main__":
    try:
        install_requirements(sys.argv[1])
    except KeyboardInterrupt:
        print("stopped; the next make goes on from here", file=sys.stderr)
        sys.exit(130)
    except (OSError, subprocess.CalledProcessError) as error:
        _fail(f".venv could not be made: {error}")
