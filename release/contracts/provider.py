"""Stock as the provider of a contract: an immutable copy of what one version's image holds."""

from __future__ import annotations

import hashlib
import platform
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
    """`code` is nobody else's, `digest` the hash of its content, dependencies included.

    `verifying` is what runs in the provider's process beside it: the states, and what replays.
    """

    version: int
    code: Path
    digest: str
    verifying: Path

    @property
    def name(self) -> str:
        return f"stock v{self.version}"


@contextmanager
def provider(version: int) -> Iterator[Provider]:
    """Stock of that version as the working tree is now; the copy goes with the block."""
    with tempfile.TemporaryDirectory() as scratch:
        code = Path(scratch) / "image"
        contents.copy_image("stock", version, code)
        yield provider_in(code, version)


def provider_in(code: Path, version: int, verifying: Path = VERIFYING) -> Provider:
    """Stock as a folder holds it, packages and requirements.txt, as in an image."""
    return Provider(version, code, contents.hash_folders(code), verifying)


def judge(against: Provider) -> str:
    """What a verdict depends on besides pact and provider: states, verifier, and how it runs."""
    facts = hashlib.sha256(paths.requirements("verify").read_bytes())
    facts.update(Path(__file__).with_name("verification.py").read_bytes())
    facts.update(contents.hash_folders(against.verifying).encode())
    facts.update(platform.python_version().encode())
    return facts.hexdigest()
