"""Where things lie in this repository, and which versions it holds."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHARTS = ROOT / "charts"
MONITORING = ROOT / "monitoring"
REQUIREMENTS = ROOT / "requirements"


def tools_folder() -> Path:
    """Where fetched programs are kept; shared by every state folder."""
    return Path(os.environ.get("TOOLS") or ROOT / ".tools").absolute()


def requirements(name: str) -> Path:
    """The locked requirements of a purpose: `stock` and `catalog` are what their images hold."""
    return REQUIREMENTS / f"{name}.txt"


def known_versions() -> tuple[int, ...]:
    """The major versions that have a chart, ascending: a version is a folder."""
    found = (re.fullmatch(r"v(\d+)", folder.name) for folder in (CHARTS / "catalog").iterdir())
    return tuple(sorted(int(match[1]) for match in found if match))
