"""Runs other programs: to completion, until told to stop, or beside a command."""

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

_POLL_INTERVAL = 0.5


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout: float = 300,
) -> str:
    """Run a program and return its standard output.

    Raises ToolError with the last line of its output; the cause has the whole output.
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
        raise ToolError(f"{name}: {_last_line(error)}") from error
    return done.stdout


def run_until_stopped(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    stdin: str,
    timeout: float,
    stop: Callable[[], bool],
) -> str:
    """Run a program that undoes its work on SIGTERM, and wait until it has done so.

    It gets SIGTERM after `timeout` seconds, once `stop` returns True, or when this command is
    interrupted. Otherwise like `run`.
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
            stdout, stderr = _communicate(process, stdin, timeout, stop)
        except BaseException:
            process.terminate()
            process.wait(timeout)
            raise
    if process.returncode:
        failed = subprocess.CalledProcessError(process.returncode, command, stdout, stderr)
        raise ToolError(f"{name}: {_last_line(failed)}") from failed
    return stdout


def _communicate(
    process: subprocess.Popen[str], stdin: str, timeout: float, stop: Callable[[], bool]
) -> tuple[str, str]:
    deadline = time.monotonic() + timeout
    unsent: str | None = stdin
    terminated = False
    while True:
        try:
            return process.communicate(unsent, timeout=_POLL_INTERVAL)
        except subprocess.TimeoutExpired:
            unsent = None  # communicate() goes on sending it
            if not terminated and (time.monotonic() > deadline or stop()):
                process.terminate()
                terminated = True


def start_attached(
    argv: Sequence[str | Path], *, env: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start a program that ends when this command ends, even if this command is killed.

    Raises ToolError if the program does not exist.
    """
    try:
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - an argument list, never a shell
                [str(part) for part in argv],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_end_with_parent,
            )
    except FileNotFoundError as error:
        raise ToolError(f"{Path(argv[0]).name}: not found ({argv[0]})") from error
    atexit.register(process.wait)
    atexit.register(process.terminate)
    return process


def start_detached(
    argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path
) -> subprocess.Popen[bytes]:
    """Start a program that outlives this command, without input and output."""
    return subprocess.Popen(  # noqa: S603 - an argument list, never a shell
        [str(part) for part in argv],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _end_with_parent() -> None:
    """Leave Ctrl-C to the command, and let Linux send SIGTERM should the command be killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _last_line(error: subprocess.CalledProcessError) -> str:
    lines = (error.stderr or error.stdout or "").strip().splitlines()
    return lines[-1].strip() if lines else f"exit code {error.returncode}"
