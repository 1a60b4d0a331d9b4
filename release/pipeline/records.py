"""What a pipeline keeps of a release, whatever became of it: the matrix, the status, the logs."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from release.console import note
from release.contracts import as_json, verify_matrix
from release.errors import ReleaseError
from release.files import write
from release.model import services
from release.targets.target import TargetReader


def keep(folder: Path, target: TargetReader, namespace: str) -> list[Path]:
    """Write what can be had; the files. What cannot is told, and hides nothing else."""
    wanted: dict[str, Callable[[], str]] = {
        "contracts.json": lambda: json.dumps(as_json(verify_matrix()), indent=2),
        "status.json": lambda: json.dumps(target.report().as_json(), indent=2),
    }
    for service in services.NAMES:
        wanted[f"{service}.log"] = partial(_log, target, namespace, service)
    written = []
    for name, content in wanted.items():
        try:
            write(folder / name, content() + "\n")
        except ReleaseError as error:
            note(f"{name}: {error}")
        else:
            written.append(folder / name)
    return written


def _log(target: TargetReader, namespace: str, service: str) -> str:
    said = target.logs(namespace, service, 1000)
    return "\n".join(f"--- {name}\n{text}" for name, text in said)
