"""The folders of this repository, and the versions that it holds."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHARTS = ROOT / "charts"
MONITORING = ROOT / "monitoring"


def tools_folder() -> Path:
    """Return the folder of fetched programs; every state folder shares it."""
    return Path(os.environ.get("TOOLS") or ROOT / ".tools").absolute()


def requirements(name: str) -> Path:
    """Return the locked requirements of a service, or of a purpose such as `verify`."""
    return ROOT / "requirements" / f"{name}.txt"


def known_versions() -> tuple[int, ...]:
    """Return the major versions that have a chart, ascending: a version is a folder."""
    names = (folder.name for folder in (CHARTS / "catalog").iterdir())
    return tuple(sorted(int(name[1:]) for name in names if re.fullmatch(r"v\d+", name)))
