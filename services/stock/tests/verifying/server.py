"""Stock under gunicorn, as an image runs it, on the database of DATABASE_URL."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

START_TIMEOUT = 20  # seconds


class DidNotStart(Exception):
    """Stock did not start; the message is the last line of its output."""


@contextmanager
def serving(log: Path) -> Iterator[tuple[str, str]]:
    """Run stock during the block; yield its base URL and the path for states.

    The schema is brought up to what the image needs, the inventory is empty.
    """
    _migrate(log)
    path = f"/{secrets.token_urlsafe()}"
    command = [sys.executable, "-m", "gunicorn", "--config", "python:instrumentation.gunicorn_conf"]
    own = {"HTTP_PORT": "0", "METRICS_PORT": "0", "GRACEFUL_TIMEOUT": "1", "STATE_PATH": path}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "verifying.provider:create_app()"],
            env={**os.environ, **own},
            stdout=output,
            stderr=output,
        )
    try:
        url = _address(process, log)
        _empty(f"{url}{path}", log)
        yield url, path
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _migrate(log: Path) -> None:
    with log.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "stock.migrate"], stdout=output, stderr=output, check=False
        )
    if done.returncode != 0:
        raise DidNotStart(last_line(log))


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        address = re.search(r"Listening at: (http://\S+)", log.read_text())
        if address:
            return address[1]
        time.sleep(0.02)
    raise DidNotStart(last_line(log))


def _empty(states: str, log: Path) -> None:
    body = json.dumps({"action": "teardown", "state": ""}).encode()
    request = Request(states, body, {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=START_TIMEOUT):
            pass
    except OSError as error:
        raise DidNotStart(f"{error}; {last_line(log)}") from error


def last_line(log: Path) -> str:
    """Return the last line of a process's output."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    filled = [line for line in lines if line]
    return filled[-1] if filled else "it said nothing"
