"""The records of a release, however it ended: the matrix of contracts, the status, the logs."""

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


def write_records(folder: Path, target: TargetReader, namespace: str) -> list[Path]:
    """Write the records that can be had and return their files; print why one cannot."""

    def read_log(service: str) -> str:
        logs = target.logs(namespace, service, 1000)
        return "\n".join(f"--- {name}\n{text}" for name, text in logs)

    records: dict[str, Callable[[], str]] = {
        "contracts.json": lambda: json.dumps(as_json(verify_matrix()), indent=2),
        "status.json": lambda: json.dumps(target.report().as_json(), indent=2),
        **{f"{service}.log": partial(read_log, service) for service in services.NAMES},
    }
    written = []
    for name, read in records.items():
        try:
            write(folder / name, read() + "\n")
            written.append(folder / name)
        except ReleaseError as error:
            note(f"{name}: {error}")
    return written
