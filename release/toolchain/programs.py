"""The one place that runs other programs to completion, or for as long as a command takes."""

from __future__ import annotations

import atexit
import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from release.errors import ToolError

_GLANCE = 0.5
"""Seconds between two looks at whether a program should go on."""


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


def watch(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    stdin: str,
    timeout: float,
    stop: Callable[[], bool],
) -> str:
    """As `run`, for a program that undoes what it began when it is told to stop, and is given the
    time for that: once `stop` says so, or whoever called is told to stop.
    """
    name = Path(argv[0]).name
    command = [str(part) for part in argv]
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            command, env=dict(env), stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )
    except FileNotFoundError as error:
        raise ToolError(f"{name}: not found ({argv[0]})") from error
    with process:
        try:
            out, said = _until_over(process, stdin, timeout, stop)
        except BaseException:
            process.terminate()
            process.wait(timeout)
            raise
    if process.returncode:
        failed = subprocess.CalledProcessError(process.returncode, command, out, said)
        raise ToolError(f"{name}: {_reason(failed)}") from failed
    return out


def _until_over(
    process: subprocess.Popen[str], stdin: str, timeout: float, stop: Callable[[], bool]
) -> tuple[str, str]:
    deadline = time.monotonic() + timeout
    text: str | None = stdin
    told = False
    while True:
        try:
            return process.communicate(text, timeout=_GLANCE)
        except subprocess.TimeoutExpired:
            text = None  # it is on its way
            if not told and (time.monotonic() > deadline or stop()):
                process.terminate()
                told = True


def attend(
    argv: Sequence[str | Path], *, env: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start a program that serves this command, and ends with it however that ends.

    Raises ToolError when there is no such program.
    """
    try:
        with log.open("wb") as said:
            process = subprocess.Popen(  # noqa: S603 - an argument list, never a shell
                [str(part) for part in argv],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                preexec_fn=_end_with_parent,
            )
    except FileNotFoundError as error:
        raise ToolError(f"{Path(argv[0]).name}: not found ({argv[0]})") from error
    atexit.register(process.wait)
    atexit.register(process.terminate)
    return process


def _end_with_parent() -> None:
    """Ctrl-C is the command's to hear; and should that be killed, Linux tells its children."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _reason(error: subprocess.CalledProcessError) -> str:
    lines = [line.strip() for line in (error.stderr or error.stdout or "").splitlines()]
    said = [line for line in lines if line]
    return said[-1] if said else f"exit code {error.returncode}"
