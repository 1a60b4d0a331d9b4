"""The state folder: one lock, revisions (the counterpart of Helm's release records), atomic writes,
owner only.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from release.errors import ReleaseError, UsageError
from release.files import private_folder, write
from release.targets.local.state import lock, revisions
from release.targets.local.state.revisions import Instance, Platform, Revision

REVISIONS_KEPT = 10
LINES_KEPT = 1000
_MARK = "shop"
_OF_RELEASES = ("releases", "config", "data", "logs", "secrets")
_REMEMBERED = ("namespace", "version", "chart_version", "number", "deployed_at", "reason")


class State:
    """The folder that holds everything about the local target; made on first use, readable by its
    owner only.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._held = False

    def path(self, *parts: str) -> Path:
        return self.root.joinpath(*parts)

    @contextmanager
    def locked(self, doing: str, wait: float = 0) -> Iterator[None]:
        """Hold the folder while changing it; who holds it already may hold it again.

        Raises LockedError naming who else holds it after `wait` seconds, UsageError when the folder
        is for something else.
        """
        if self._held:
            yield
            return
        self._claim()
        with lock.held(self.path("lock"), doing, wait):
            self._held = True
            try:
                yield
            finally:
                self._held = False

    def shifting(self, doing: str) -> AbstractContextManager[None]:
        """Be the only one who shifts traffic, while others may deploy. Raises LockedError."""
        self._claim()
        return lock.held(self.path("shifting"), doing)

    def _claim(self) -> None:
        """Make the folder ours alone; never one that somebody keeps other things in."""
        self.check()
        private_folder(self.root).chmod(0o700)
        if not self.exists():
            write(self.path(_MARK), "the state folder of a shop: see docs/architecture.md\n")

    def check(self) -> None:
        """Whether the folder can be ours. Raises, and changes nothing."""
        if not self.root.exists():
            return
        if self.root.stat().st_uid != os.getuid():
            raise ReleaseError(f"{self.root} belongs to somebody else: choose another with STATE=")
        if not self.exists() and any(self.root.iterdir()):
            raise UsageError(f"STATE={self.root} holds other things: name a new or empty folder")

    def exists(self) -> bool:
        """Whether this is a state folder already."""
        return self.path(_MARK).is_file()

    @property
    def unfinished(self) -> bool:
        """Whether the last change was broken off half way."""
        return self.path("unfinished").exists()

    def begin(self) -> None:
        """A change begins: should it be broken off, the next one puts everything right."""
        write(self.path("unfinished"), "")

    def finish(self) -> None:
        self.path("unfinished").unlink(missing_ok=True)

    def platform(self) -> Platform | None:
        path = self.path("platform.json")
        found = revisions.read(path)
        return revisions.made_of(Platform, found, path) if found else None

    def save_platform(self, platform: Platform) -> None:
        write(self.path("platform.json"), json.dumps(asdict(platform)))

    def current(self, namespace: str) -> Revision | None:
        """The revision that runs, or should."""
        pointer = self.path("releases", namespace, "current")
        if not pointer.exists():
            return None
        text = pointer.read_text()
        if not text.isdecimal():
            raise revisions.damaged(pointer, f"{text[:20]!r} is no revision")
        return self._revision(namespace, int(text))

    def before(self, namespace: str) -> Revision | None:
        """The revision before the current one, while it is remembered."""
        current = self.current(namespace)
        numbers = (int(path.stem) for path in self.path("releases", namespace).glob("[0-9]*.json"))
        earlier = [number for number in numbers if current and number < current.number]
        return self._revision(namespace, max(earlier)) if earlier else None

    def releases(self) -> list[Revision]:
        """The current revision of every release, by namespace."""
        folder = self.path("releases")
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        return [revision for name in names if (revision := self.current(name))]

    def next_number(self, namespace: str) -> int:
        folder = self.path("releases", namespace)
        return max((int(path.stem) for path in folder.glob("[0-9]*.json")), default=0) + 1

    def save(self, revision: Revision) -> None:
        """Record a revision and make it the current one; forget the oldest."""
        folder = self.path("releases", revision.namespace)
        write(folder / f"{revision.number}.json", json.dumps(asdict(revision), indent=1))
        write(folder / "current", str(revision.number))
        self._remember(folder / "history.json", revision)
        kept = sorted((int(path.stem) for path in folder.glob("[0-9]*.json")), reverse=True)
        for number in kept[REVISIONS_KEPT:]:
            (folder / f"{number}.json").unlink()

    @staticmethod
    def _remember(path: Path, revision: Revision) -> None:
        """Of revisions that are forgotten, a line stays: who changed what, when and why."""
        facts = asdict(revision)
        line = {name: facts[name] for name in _REMEMBERED} | {
            "change": revision.values.get("change", {})
        }
        lines = [*(revisions.read(path) or {"lines": []})["lines"], line]
        write(path, json.dumps({"lines": lines[-LINES_KEPT:]}, indent=1))

    def history(self, namespace: str) -> list[dict[str, Any]]:
        """What was done to a release, oldest first."""
        found = revisions.read(self.path("releases", namespace, "history.json")) or {"lines": []}
        lines: list[dict[str, Any]] = found["lines"]
        return lines

    def revisions(self) -> list[Revision]:
        """Every recorded revision of every release."""
        found = []
        for path in self.path("releases").glob("*/[0-9]*.json"):
            found.append(self._revision(path.parent.name, int(path.stem)))
        return found

    def forget(self, namespace: str) -> None:
        """Drop a release's records; its inventory is not the release's, and stays."""
        for part in _OF_RELEASES:
            shutil.rmtree(self.path(part, namespace), ignore_errors=True)

    def forget_everything(self) -> None:
        """Drop all records, damaged ones too; the inventory stays."""
        for part in (*_OF_RELEASES, "traefik"):
            shutil.rmtree(self.path(part), ignore_errors=True)
        self.path("platform.json").unlink(missing_ok=True)
        self.finish()

    def _revision(self, namespace: str, number: int) -> Revision:
        path = self.path("releases", namespace, f"{number}.json")
        content = revisions.read(path)
        if content is None:
            raise revisions.damaged(path, "it is missing")
        instances = [
            revisions.made_of(Instance, item, path) for item in content.get("instances", ())
        ]
        return revisions.made_of(Revision, content | {"instances": instances}, path)
