"""What no recorded revision needs any more: copies of code, and logs of processes that went."""

from __future__ import annotations

import shutil
from pathlib import Path

from release.targets.local.state.state_folder import State


def prune(state: State) -> None:
    """After a deployment, while the folder is ours; the oldest revision was just forgotten."""
    images: set[str] = set()
    processes: set[str] = set()
    for revision in state.revisions():
        images.update(revision.images.values())
        processes.update(instance.id for instance in revision.instances)
    for copy in _within(state.path("images")):
        if copy.name not in images:
            shutil.rmtree(copy)
    for release in state.releases():
        for log in _within(state.path("logs", release.namespace)):
            if _process(log) not in processes:
                log.unlink()


def _within(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _process(log: Path) -> str:
    """Whose log it is; the manager puts what is full aside with a number."""
    return log.name.removesuffix(".1").removesuffix(".log")
