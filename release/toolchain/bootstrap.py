"""Makes the virtual environment: `python3 -m release.toolchain.bootstrap release|dev`. Standard
library only, no step is done twice.

`release` holds what the commands need, `dev` what tests, benchmarks and linters need on top.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
OLDEST = (3, 11)


def main(wanted: str) -> int:
    """Bring the environment up to the locked requirements; 0 when it is."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        return _fail(
            f"Python {found} is too old, 3.11 is needed: name one with PYTHON=/path/to/python3"
        )
    locked = ROOT / "requirements" / f"{wanted}.txt"
    stamp = ENVIRONMENT / f"{wanted}.installed"
    digest = hashlib.sha256(locked.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        stamp.touch()  # younger than the file, which is all that make looks at
        return 0
    begin = time.monotonic()
    print(f"setting up .venv ({wanted}), once", file=sys.stderr, flush=True)
    if not (ENVIRONMENT / "bin" / "python").exists():
        venv = [sys.executable, "-m", "venv", "--without-pip", str(ENVIRONMENT)]
        # It ends with a trace when it is interrupted.
        made = subprocess.run(venv, capture_output=True, text=True, check=False)  # noqa: S603
        if made.returncode != 0:
            return _fail(f".venv could not be made: {_last_line(made.stderr or made.stdout)}")
    if _pip("install", "--quiet", "--require-hashes", "--requirement", locked) != 0:
        return _fail(f"the packages of requirements/{wanted}.txt could not be installed: see above")
    stamp.write_text(digest)
    print(f"done  .venv  {time.monotonic() - begin:.1f} s", file=sys.stderr)
    return 0


def _pip(*arguments: str | Path) -> int:
    """Run the environment's pip; it gets one first when it has none."""
    python = ENVIRONMENT / "bin" / "python"
    environment = dict(os.environ)
    if (
        _quiet(python, "-m", "pip", "--version") != 0
        and _quiet(python, "-m", "ensurepip", "--default-pip") != 0
    ):
        # Debian keeps ensurepip in python3-venv; the wheel that it would install can be had without
        # root.
        wheel = _debian_pip()
        if wheel is None:
            return _fail("this Python has no pip and no ensurepip: apt-get install python3-venv")
        with_wheel = {**environment, "PYTHONPATH": str(wheel)}
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-index", str(wheel)]
        subprocess.run(install, env=with_wheel, check=True)  # noqa: S603
    command = [str(python), "-m", "pip", *map(str, arguments)]
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603


def _debian_pip() -> Path | None:
    from release.errors import ToolError
    from release.paths import tools_folder
    from release.toolchain.fetch import DebianPackage

    package, folder = DebianPackage("python3-pip-whl"), tools_folder()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        package.fetch(folder)
    except ToolError as error:
        print(error, file=sys.stderr)
        return None
    wheels = folder / "debian-python3-pip-whl" / "usr" / "share" / "python-wheels"
    return next(wheels.glob("pip-*.whl"), None)


def _quiet(*command: str | Path) -> int:
    done = subprocess.run(list(command), capture_output=True, check=False)  # noqa: S603
    return done.returncode


def _last_line(said: str) -> str:
    return (said.strip().splitlines() or ["python -m venv said nothing"])[-1]


def _fail(line: str) -> int:
    print(f"error: {line}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        print("stopped; the next make goes on from here", file=sys.stderr)
        sys.exit(130)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(_fail(f".venv could not be made: {error}"))
