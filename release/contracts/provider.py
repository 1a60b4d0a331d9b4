"""Stock as the provider of a contract: an immutable copy of the image content of one version."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from release import paths
from release.images import contents

VERIFYING = paths.ROOT / "services" / "stock" / "tests" / "verifying"


@dataclass(frozen=True)
class Provider:
    """`code` holds packages and requirements.txt, as in an image; `verifying` runs in the
    provider's process beside it: the provider states, and the verifier.
    """

    version: int
    code: Path
    digest: str
    verifying: Path


@contextmanager
def copied_provider(version: int) -> Iterator[Provider]:
    """Copy the stock of the working tree; the copy is removed at the end of the block."""
    with tempfile.TemporaryDirectory() as scratch:
        code = Path(scratch) / "image"
        contents.copy_image("stock", version, code)
        yield read_provider(code, version)


def read_provider(code: Path, version: int, verifying: Path = VERIFYING) -> Provider:
    """Return the provider in a folder, with the hash of its content."""
    return Provider(version, code, contents.hash_folders(code), verifying)
