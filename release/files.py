"""Files that several processes share: atomic writes and locks."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file atomically, by default readable for its owner only."""
    private_folder(path.parent)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    scratch.rename(path)


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter, with its missing parents, and return it."""
    if not path.is_dir():
        private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for a lock file and hold it while the block runs."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
