"""Runs other programs: to completion, until told to stop, or beside a command."""

import atexit
import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    with _tool_errors(argv):
        return subprocess.run(  # noqa: S603 - an argument list, never a shell
            [str(part) for part in argv],
            cwd=cwd,
            env=env,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=True,
        ).stdout


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
    command, pipe = [str(part) for part in argv], subprocess.PIPE
    with (
        _tool_errors(argv),
        subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            command, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        ) as process,
    ):
        try:
            stdout, stderr = _communicate(process, stdin, timeout, stop)
        except BaseException:
            process.terminate()
            process.wait(timeout)
            raise
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, stdout, stderr)
    return stdout


@contextmanager
def _tool_errors(argv: Sequence[str | Path]) -> Iterator[None]:
    """Turn the errors of a program in the block into ToolError."""
    name = Path(argv[0]).name
    try:
        yield
    except FileNotFoundError as error:
        raise ToolError(f"{name}: not found ({argv[0]})") from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{name}: no answer within {error.timeout:g} s") from error
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout or "").strip().splitlines()
        reason = lines[-1].strip() if lines else f"exit code {error.returncode}"
        raise ToolError(f"{name}: {reason}") from error


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
    """Start a program that ends with this command, even if this is killed. Raises ToolError."""
    with _tool_errors(argv), log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            [str(part) for part in argv],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=_end_with_parent,
        )
    atexit.register(process.wait)
    atexit.register(process.terminate)
    return process


def start_detached(
    argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path
) -> subprocess.Popen[bytes]:
    """Start a program that outlives this command, without input and output."""
    return subprocess.Popen(  # noqa: S603 - an argument list, never a shell
        [str(part) for part in argv],
        env=env,
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
