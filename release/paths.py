"""The folders of this repository, and the versions that it holds."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHARTS = ROOT / "charts"
MONITORING = ROOT / "monitoring"
REQUIREMENTS = ROOT / "requirements"


def tools_folder() -> Path:
    """Return the folder of fetched programs; every state folder shares it."""
    return Path(os.environ.get("TOOLS") or ROOT / ".tools").absolute()


def requirements(name: str) -> Path:
    """Return the locked requirements of a service, or of a purpose such as `verify`."""
    return REQUIREMENTS / f"{name}.txt"


def known_versions() -> tuple[int, ...]:
    """Return the major versions that have a chart, ascending: a version is a folder."""
    found = (re.fullmatch(r"v(\d+)", folder.name) for folder in (CHARTS / "catalog").iterdir())
    return tuple(sorted(int(match[1]) for match in found if match))
