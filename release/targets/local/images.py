"""The images of the local target: immutable copies of the code, named by the hash of the content.

Processes never run from the working tree: a restart after an edit would run unverified code, and a
roll-back would have nothing to return to.
"""

import compileall
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from release.errors import ReleaseError, UnsupportedError
from release.files import private_folder
from release.images import contents
from release.model import services
from release.toolchain.virtualenvs import ensure_virtualenv


@dataclass(frozen=True)
class LocalImage:
    """The code (a folder named by the hash of its content) and the interpreter of a service."""

    code: Path
    python: Path


def build_image(reference: str, folder: Path) -> LocalImage:
    """Return the image that a container names, built from the working tree unless it exists.

    Raises UnsupportedError for an image that is not a service of this repository.
    """
    match = re.fullmatch(r"(?:.*/)?([a-z]+):(\d+)\.\d+\.\d+", reference)
    if not match or match[1] not in services.IMAGES:
        raise UnsupportedError(
            f"image {reference}: the local target runs {', '.join(services.IMAGES)} only"
        )
    service, version = match[1], int(match[2])
    with tempfile.TemporaryDirectory(dir=private_folder(folder)) as scratch:
        copy = Path(scratch) / "image"
        contents.copy_image(service, version, copy)
        digest = contents.hash_folders(copy)
        target = folder / contents.content_name(service, version, digest)
        if not target.exists():
            compileall.compile_dir(copy, quiet=1, stripdir=copy, workers=1)
            copy.rename(target)
    return LocalImage(target, ensure_virtualenv(service))


def find_image(reference: str, code: Path) -> LocalImage:
    """Return the image that an earlier revision ran. Raises ReleaseError if it is gone."""
    if not code.is_dir():
        raise ReleaseError(f"the image {code.name} is gone: make deploy first")
    service = reference.rpartition("/")[2].partition(":")[0]
    return LocalImage(code, ensure_virtualenv(service, code / "requirements.txt"))
