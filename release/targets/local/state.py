"""The state folder: one lock, revisions (the counterpart of Helm's release records), atomic writes,
owner only.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from release.errors import LockedError, ReleaseError
from release.files import private_folder, write

REVISIONS_KEPT = 10


@dataclass(frozen=True)
class Platform:
    """What all releases of one state folder share."""

    port: int
    internal_port: int
    api_port: int


@dataclass(frozen=True)
class Instance:
    """One process of a revision, as the process manager knows it."""

    id: str
    workload: str
    kind: str
    fingerprint: str
    labels: dict[str, str]
    ports: dict[str, int]
    ready_port: str
    ready_path: str
    stop_delay: float
    grace: float


@dataclass(frozen=True)
class Revision:
    """One deployment of a release: what was asked for, and what runs because of it."""

    namespace: str
    version: int
    chart_version: str
    number: int
    deployed_at: float
    values: dict[str, Any]
    objects: list[dict[str, Any]]
    instances: list[Instance] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    reason: str = ""


class State:
    """The folder that holds everything about the local target; made on first use, readable by its
    owner only.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, *parts: str) -> Path:
        return self.root.joinpath(*parts)

    @contextmanager
    def locked(self, doing: str) -> Iterator[None]:
        """Hold the folder while changing it. Raises LockedError naming who holds it."""
        private_folder(self.root)
        with self.path("lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                handle.seek(0)
                holder = handle.read().strip() or "another command"
                raise LockedError(
                    f"{holder} is at work on {self.root}: wait until it ends"
                ) from error
            handle.truncate(0)
            handle.write(f"{doing} (process {os.getpid()}, since {time.strftime('%H:%M:%S')})")
            handle.flush()
            try:
                yield
            finally:
                handle.truncate(0)

    def platform(self) -> Platform | None:
        found = self._read(self.path("platform.json"))
        return Platform(**found) if found else None

    def save_platform(self, platform: Platform) -> None:
        write(self.path("platform.json"), json.dumps(asdict(platform)))

    def forget_platform(self) -> None:
        self.path("platform.json").unlink(missing_ok=True)

    def current(self, namespace: str) -> Revision | None:
        """The revision that runs, or should."""
        pointer = self.path("releases", namespace, "current")
        if not pointer.exists():
            return None
        return self._revision(namespace, int(pointer.read_text()))

    def releases(self) -> list[Revision]:
        """The current revision of every release, by namespace."""
        folder = self.path("releases")
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        return [revision for name in names if (revision := self.current(name))]

    def next_number(self, namespace: str) -> int:
        folder = self.path("releases", namespace)
        return max((int(path.stem) for path in folder.glob("*.json")), default=0) + 1

    def save(self, revision: Revision) -> None:
        """Record a revision and make it the current one; forget the oldest."""
        folder = self.path("releases", revision.namespace)
        write(folder / f"{revision.number}.json", json.dumps(asdict(revision), indent=1))
        write(folder / "current", str(revision.number))
        kept = sorted((int(path.stem) for path in folder.glob("*.json")), reverse=True)
        for number in kept[REVISIONS_KEPT:]:
            (folder / f"{number}.json").unlink()

    def revisions(self) -> list[Revision]:
        """Every recorded revision of every release."""
        found = []
        for path in self.path("releases").glob("*/*.json"):
            found.append(self._revision(path.parent.name, int(path.stem)))
        return found

    def forget(self, namespace: str) -> None:
        """Drop a release's records; its inventory is not the release's, and stays."""
        for part in ("releases", "config", "data", "logs", "secrets"):
            shutil.rmtree(self.path(part, namespace), ignore_errors=True)

    def _revision(self, namespace: str, number: int) -> Revision:
        path = self.path("releases", namespace, f"{number}.json")
        content = self._read(path)
        if content is None:
            raise ReleaseError(
                f"{path}: the record of the release is missing: make down, then deploy again"
            )
        content["instances"] = [Instance(**instance) for instance in content["instances"]]
        return Revision(**content)

    @staticmethod
    def _read(path: Path) -> dict[str, Any] | None:
        try:
            content: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise ReleaseError(
                f"{path} is damaged ({error}): move it away and deploy again"
            ) from error
        return content
