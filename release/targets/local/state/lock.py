"""A file that says who is at work, and lets nobody else begin."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from release.clients import http
from release.errors import LockedError


@contextmanager
def held(path: Path, doing: str, wait: float = 0) -> Iterator[None]:
    """Hold the lock while the block runs; it ends with the process, however that ends.

    Raises LockedError naming who else holds it after `wait` seconds.
    """
    with path.open("a+") as handle:
        if not http.wait_until(lambda: _locks(handle), limit=wait):
            handle.seek(0)
            holder = handle.read().strip() or "another command"
            raise LockedError(f"{holder} is at work on {path.parent}: wait until it ends")
        handle.truncate(0)
        handle.write(f"{doing} (process {os.getpid()}, since {time.strftime('%H:%M:%S')})")
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)


def _locks(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
