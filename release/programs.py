"""The one place that runs other programs to completion."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from release.errors import ToolError


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout: float = 300,
) -> str:
    """Run a program and return its standard output.

    Raises ToolError with the last line that it wrote, whole output attached as the cause's
    `output`.
    """
    name = Path(argv[0]).name
    try:
        done = subprocess.run(  # noqa: S603 - an argument list, never a shell
            [str(part) for part in argv],
            cwd=cwd,
            env=dict(env) if env is not None else None,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=True,
        )
    except FileNotFoundError as error:
        raise ToolError(f"{name}: not found ({argv[0]})") from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{name}: no answer within {timeout:g} s") from error
    except subprocess.CalledProcessError as error:
        raise ToolError(f"{name}: {_reason(error)}") from error
    return done.stdout


def _reason(error: subprocess.CalledProcessError) -> str:
    lines = [line.strip() for line in (error.stderr or error.stdout or "").splitlines()]
    said = [line for line in lines if line]
    return said[-1] if said else f"exit code {error.returncode}"
