"""What an image of one service in one major version holds: its own code, and nothing of other
versions.

A version is a folder (`v1`, `v2`), so an image of version 1 has no `v2` folder, an image of version
2 no `v1` folder, and no image has the migrations of later versions.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path

from release import paths

_NEVER = {"__pycache__", "tests"}


def copy(service: str, version: int, target: Path, root: Path = paths.ROOT) -> None:
    """Copy what the image holds into `target`, which must not exist: packages and locked
    requirements. `root` is the working tree, or a copy of it.
    """

    def foreign(folder: str, names: list[str]) -> set[str]:
        migrations = Path(folder).name == "versions"
        unwanted = _NEVER & set(names)
        for name in names:
            owner = re.match(r"v(\d+)(_|$)", name)
            if owner and (int(owner[1]) > version if migrations else int(owner[1]) != version):
                unwanted.add(name)
        return unwanted

    for source in (
        root / "services" / service / service,
        root / "packages" / "instrumentation" / "instrumentation",
    ):
        shutil.copytree(source, target / source.name, ignore=foreign)
    shutil.copy(root / "requirements" / f"{service}.txt", target / "requirements.txt")


def digest(service: str, version: int, root: Path = paths.ROOT) -> str:
    """The content hash of the image as the working tree, or a copy of it, is now."""
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "image"
        copy(service, version, target, root)
        return content_hash(target)


def content_name(service: str, version: int, hashed: str | None = None) -> str:
    """What a content is called wherever it lies, as in `stock-v2-0123456789abcdef`: one with this
    hash, or that of the working tree.
    """
    found = digest(service, version) if hashed is None else hashed
    return f"{service}-v{version}-{found[:16]}"


def sign(target: Path, service: str, version: int) -> None:
    """Write the content name of an image into it, where `instrumentation.image_check` reads it.

    Afterwards `content_hash` of `target` is another one.
    """
    (target / "content").write_text(f"{content_name(service, version)}\n")


def content_hash(*folders: Path) -> str:
    """A hash of names and contents below the folders, the same wherever they lie."""
    found = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if path.is_file() and not _NEVER & set(relative.parts) and path.suffix != ".tgz":
                found.update(f"{folder.name}/{relative}\0{path.stat().st_size}\0".encode())
                found.update(path.read_bytes())
    return found.hexdigest()
