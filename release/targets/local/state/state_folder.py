"""The state folder: locks, and revisions, which are the counterpart of Helm's release records."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from release.clients import http
from release.errors import LockedError, ReleaseError, UsageError
from release.files import private_folder, write
from release.model.release import Record
from release.targets.local.state import revisions
from release.targets.local.state.revisions import GatewayPorts, LocalRevision

REVISIONS_KEPT = 10
LINES_KEPT = 1000
_MARK = "shop"
_PER_RELEASE = ("releases", "config", "data", "logs", "secrets")


class StateFolder:
    """The folder with everything about the local target.

    It is created on first use and readable by its owner only. Writes are atomic.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._is_locked = False

    def path(self, *parts: str) -> Path:
        return self.root.joinpath(*parts)

    def log_file(self, namespace: str, name: str) -> Path:
        """Return the log of a process."""
        return self.path("logs", namespace, f"{name}.log")

    @contextmanager
    def lock(self, doing: str, wait: float = 0) -> Iterator[None]:
        """Hold the folder while changing it; a command that holds it may call this again.

        Raises LockedError after `wait` seconds, and UsageError for a folder with other things.
        """
        if self._is_locked:
            yield
            return
        self._create()
        with _lock_file(self.path("lock"), doing, wait):
            self._is_locked = True
            try:
                yield
            finally:
                self._is_locked = False

    def shift_lock(self, doing: str) -> AbstractContextManager[None]:
        self._create()
        return _lock_file(self.path("shifting"), doing)

    def _create(self) -> None:
        self.check()
        private_folder(self.root).chmod(0o700)
        if not self.exists():
            write(self.path(_MARK), "the state folder of a shop: see docs/architecture.md\n")

    def check(self) -> None:
        """Raise ReleaseError or UsageError if the folder cannot be used. Changes nothing."""
        if not self.root.exists():
            return
        if self.root.stat().st_uid != os.getuid():
            raise ReleaseError(f"{self.root} belongs to somebody else: choose another with STATE=")
        if not self.exists() and any(self.root.iterdir()):
            raise UsageError(f"STATE={self.root} holds other things: name a new or empty folder")

    def exists(self) -> bool:
        return self.path(_MARK).is_file()

    @property
    def is_change_unfinished(self) -> bool:
        """True if the last change was interrupted."""
        return self.path("unfinished").exists()

    def begin_change(self) -> None:
        """Record that a change begins: if it is interrupted, the next one repairs everything."""
        write(self.path("unfinished"), "")

    def finish_change(self) -> None:
        self.path("unfinished").unlink(missing_ok=True)

    def gateway_ports(self) -> GatewayPorts | None:
        """Return the ports of the gateway, None before the first deploy."""
        return revisions.read_record(GatewayPorts, self.path("platform.json"))

    def save_gateway_ports(self, ports: GatewayPorts) -> None:
        write(self.path("platform.json"), json.dumps(asdict(ports)))

    def current(self, namespace: str) -> LocalRevision | None:
        pointer = self.path("releases", namespace, "current")
        if not pointer.exists():
            return None
        text = pointer.read_text()
        if not text.isdecimal():
            raise revisions.damaged_record(pointer, f"{text[:20]!r} is no revision")
        return self._read_revision(namespace, int(text))

    def previous(self, revision: LocalRevision) -> LocalRevision | None:
        """Return the revision before this one, if it is still recorded."""
        numbers = self._numbers(revision.namespace)
        earlier = [number for number in numbers if number < revision.revision]
        return self._read_revision(revision.namespace, max(earlier)) if earlier else None

    def releases(self) -> list[LocalRevision]:
        """Return the current revision of every release, by namespace."""
        folder = self.path("releases")
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        return [revision for name in names if (revision := self.current(name))]

    def next_number(self, namespace: str) -> int:
        return max(self._numbers(namespace), default=0) + 1

    def save(self, revision: LocalRevision) -> None:
        """Record a revision, make it the current one, and forget the oldest."""
        folder = self.path("releases", revision.namespace)
        write(folder / f"{revision.revision}.json", json.dumps(asdict(revision), indent=1))
        write(folder / "current", str(revision.revision))
        self._append_to_history(revision)
        for number in sorted(self._numbers(revision.namespace))[:-REVISIONS_KEPT]:
            (folder / f"{number}.json").unlink()

    def _append_to_history(self, revision: LocalRevision) -> None:
        """Add the line that stays when a revision is forgotten: who changed what, when and why."""
        record = Record(
            namespace=revision.namespace,
            version=revision.version,
            chart_version=revision.chart_version,
            revision=revision.revision,
            at=revision.at,
            reason=revision.reason,
            change=revision.values.get("change", {}),
        )
        records = [*self.history(revision.namespace), record][-LINES_KEPT:]
        path = self.path("releases", revision.namespace, "history.json")
        write(path, json.dumps({"lines": [asdict(item) for item in records]}, indent=1))

    def history(self, namespace: str) -> list[Record]:
        path = self.path("releases", namespace, "history.json")
        return revisions.read_record(revisions.parse_history, path) or []

    def remove_release(self, namespace: str) -> None:
        """Remove the records of a release; the inventory is not part of it."""
        for part in _PER_RELEASE:
            shutil.rmtree(self.path(part, namespace), ignore_errors=True)

    def remove_all_releases(self) -> None:
        """Remove all records, damaged ones too; the inventory stays."""
        for part in (*_PER_RELEASE, "traefik"):
            shutil.rmtree(self.path(part), ignore_errors=True)
        self.path("platform.json").unlink(missing_ok=True)
        self.finish_change()

    def revisions(self) -> list[LocalRevision]:
        """Return every recorded revision of every release."""
        return [
            self._read_revision(path.parent.name, int(path.stem))
            for path in self.path("releases").glob("*/[0-9]*.json")
        ]

    def collect_garbage(self) -> None:
        """Remove images and logs that no recorded revision needs. The caller holds the lock."""
        recorded = self.revisions()
        images = {image for revision in recorded for image in revision.images.values()}
        processes = {item.id for revision in recorded for item in revision.instances}
        for image in self.path("images").glob("*"):
            if image.name not in images:
                shutil.rmtree(image)
        for release in self.releases():
            for log in self.path("logs", release.namespace).glob("*"):
                # supervisord renames a full log to `.log.1`.
                if log.name.removesuffix(".1").removesuffix(".log") not in processes:
                    log.unlink()

    def _numbers(self, namespace: str) -> list[int]:
        folder = self.path("releases", namespace)
        return [int(path.stem) for path in folder.glob("[0-9]*.json")]

    def _read_revision(self, namespace: str, number: int) -> LocalRevision:
        path = self.path("releases", namespace, f"{number}.json")
        revision = revisions.read_record(revisions.parse_revision, path)
        if revision is None:
            raise revisions.damaged_record(path, "it is missing")
        return revision


@contextmanager
def _lock_file(path: Path, doing: str, wait: float = 0) -> Iterator[None]:
    """Hold a lock file, with the holder's name in it; the kernel frees it with the process.

    Raises LockedError naming the holder after `wait` seconds.
    """
    with path.open("a+") as handle:
        if not http.wait_until(lambda: _try_lock(handle), limit=wait):
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


def _try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
