"""The contents of an image: the code of one service in one major version.

A version is a folder (`v1`, `v2`), so an image of version 1 has no `v2` folder, an image of version
2 no `v1` folder, and no image has the migrations of later versions.
"""

import hashlib
import re
import shutil
import tempfile
from pathlib import Path

from release import paths

_NEVER = {"__pycache__", "tests"}


def copy_image(service: str, version: int, target: Path, root: Path = paths.ROOT) -> None:
    """Copy the code and the locked requirements of an image to `target`, which must not exist."""

    def ignored(folder: str, names: list[str]) -> set[str]:
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
        shutil.copytree(source, target / source.name, ignore=ignored)
    shutil.copy(root / "requirements" / f"{service}.txt", target / "requirements.txt")


def hash_image(service: str, version: int, root: Path = paths.ROOT) -> str:
    """Return the hash that an image made from the working tree, or from a copy, has."""
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "image"
        copy_image(service, version, target, root)
        return hash_folders(target)


def content_name(service: str, version: int, hashed: str | None = None) -> str:
    """Return `stock-v2-0123456789abcdef` for a hash, by default that of the working tree."""
    return f"{service}-v{version}-{(hashed or hash_image(service, version))[:16]}"


def write_content_name(target: Path, service: str, version: int) -> None:
    """Write the name for `instrumentation.image_check`; this changes the hash of `target`."""
    (target / "content").write_text(f"{content_name(service, version)}\n")


def hash_folders(*folders: Path) -> str:
    """Return a hash of the names and contents below the folders, wherever they lie."""
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if path.is_file() and not _NEVER & set(relative.parts) and path.suffix != ".tgz":
                total.update(f"{folder.name}/{relative}\0{path.stat().st_size}\0".encode())
                total.update(path.read_bytes())
    return total.hexdigest()
