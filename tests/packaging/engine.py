"""What the tests of images need of this machine: an engine, a Python to build on, a registry."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

from release.errors import ToolError
from release.files import locked
from release.images import docker
from release.paths import tools_folder
from release.toolchain.fetch import DebianPackage
from tests.conftest import ROOT, clean_environment, eventually

PYTHON = "parallel-releases.test/python:3.11"
_PACKAGES = "python3,python3-pip"
_UNUSED = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
# bcrypt, cost 5
_HTPASSWD = "robot:$2b$05$abcdefghijklmnopqrstuuZ0Fx87Pb/Aqb0E90lfvCwzXnaFKUHpS\n"
LOGIN = {"REGISTRY_USERNAME": "robot", "REGISTRY_PASSWORD": "correct-horse"}


def missing(what: str) -> NoReturn:
    """Skip, saying why; on CI nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@cache
def engine() -> Path:
    """The command line of an engine that answers."""
    try:
        return docker.ensure_engine()
    except ToolError as error:
        missing(str(error))


def run(*argv: str | Path) -> str:
    """What docker says, as standard output."""
    done = _run(*argv)
    assert done.returncode == 0, f"{argv}: {done.stdout}\n{done.stderr}"
    return done.stdout


def refused(*argv: str | Path) -> str:
    """What docker says on standard error when it fails."""
    done = _run(*argv)
    assert done.returncode != 0, done.stdout
    return done.stderr


def _run(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    environment = clean_environment() | {"DOCKER_BUILDKIT": "1"}
    return subprocess.run(
        [engine(), *argv], env=environment, capture_output=True, text=True, timeout=600
    )


def inspect(reference: str) -> dict[str, Any]:
    """An image's or a container's record."""
    [found] = json.loads(run("inspect", reference))
    return dict(found)


def exists(reference: str) -> bool:
    return _run("image", "inspect", reference).returncode == 0


@cache
def base() -> str:
    """The Python that images are made on: BASE_IMAGE, else Debian's, installed from scratch."""
    if given := os.environ.get("BASE_IMAGE"):
        return given
    with locked(tools_folder() / ".test-base.lock"):
        if not exists(PYTHON):
            _make_base()
    return PYTHON


def _make_base() -> None:
    if not shutil.which("mmdebstrap") or os.geteuid() != 0:
        missing("no BASE_IMAGE, and no mmdebstrap or not root to make one")
    sources = [path for path in _apt_sources() if path.is_file()]
    options = ["--aptopt=Acquire::Languages none", "--aptopt=APT::Install-Recommends false"]
    options += [
        "--dpkgopt=force-unsafe-io",
        *(f"--dpkgopt=path-exclude={path}" for path in _UNUSED),
    ]
    argv = ["mmdebstrap", "--quiet", "--mode=root", "--variant=essential", f"--include={_PACKAGES}"]
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if line
    )
    with subprocess.Popen(
        [*argv, *options, release["VERSION_CODENAME"], "-", *sources],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as made:
        imported = subprocess.run(
            [engine(), "import", "-", PYTHON], stdin=made.stdout, capture_output=True, text=True
        )
        assert made.stderr
        said = made.stderr.read().decode(errors="replace")
    assert (made.returncode, imported.returncode) == (0, 0), said + imported.stderr


def _apt_sources() -> list[Path]:
    folder = Path("/etc/apt")
    return [folder / "sources.list", *(folder / "sources.list.d").glob("debian*.sources")]


@contextmanager
def running(reference: str, *options: str) -> Iterator[str]:
    """A container, with the rights that a cluster would give it; removed afterwards."""
    rights = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    container = run("run", "--detach", *rights, *options, reference).strip()
    try:
        yield container
    finally:
        run("rm", "--force", "--volumes", container)


def shell(reference: str, script: str) -> str:
    """What a shell in the image says."""
    return run("run", "--rm", "--user", "0", "--entrypoint", "sh", reference, "-c", script)


@dataclass(frozen=True)
class Registry:
    """A registry of Debian's, which asks for a name and a password."""

    port: int

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def logged_in(self, configuration: Path) -> tuple[str | Path, ...]:
        """Docker's options for somebody who may pull and push; `configuration` keeps the login."""
        options = ("--config", configuration)
        user, password = LOGIN.values()
        run(*options, "login", self.address, "--username", user, "--password", password)
        return options


@contextmanager
def registry(folder: Path, port: int) -> Iterator[Registry]:
    """Runs one, with its data below `folder`."""
    program = shutil.which("docker-registry")
    if not program:
        source = DebianPackage("docker-registry")
        source.fetch(tools_folder())
        program = str(source.binaries(tools_folder()) / "docker-registry")
    (folder / "htpasswd").write_text(_HTPASSWD)
    settings = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": f"127.0.0.1:{port}"},
        "auth": {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}},
    }
    (folder / "registry.yaml").write_text(json.dumps(settings))
    with (folder / "registry.log").open("w") as log:
        argv = [program, "serve", str(folder / "registry.yaml")]
        process = subprocess.Popen(argv, stdout=log, stderr=log)
        try:
            eventually(lambda: _listens(port), what="the registry")
            yield Registry(port)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def make(
    *words: str, exported: Mapping[str, str] | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run make as a person types it, after exporting what is secret."""
    done = subprocess.run(
        ["make", *words],
        cwd=ROOT,
        env=clean_environment() | dict(exported or {}),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert not check or done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done
