"""What the linters need of Go's modules, each pinned and got once.

Go compares what it downloads with the checksums that everybody gets.
"""

import json
import os
import tempfile
from pathlib import Path

from release.console import step
from release.files import locked
from release.paths import tools_folder
from release.toolchain.subprocesses import run


def module(name: str) -> Path:
    """The files of a module, named as in `github.com/traefik/traefik/v3@v3.7.13`.

    Raises ToolError when it cannot be had.
    """
    # First without -json, with which it says what went wrong in more than a line.
    run(["go", "mod", "download", name])
    return Path(json.loads(run(["go", "mod", "download", "-json", name]))["Dir"])


def program(package: str) -> Path:
    """A program that is built of a package, named likewise with its version.

    Raises ToolError when it cannot be built.
    """
    path, version = package.split("@")
    name = path.rpartition("/")[2]
    tools = tools_folder()
    tools.mkdir(parents=True, exist_ok=True)
    built = tools / f"{name}-{version.removeprefix('v')}"
    with locked(tools / f".{built.name}.lock"):
        if not built.exists():
            with (
                step(f"building {name}, once"),
                tempfile.TemporaryDirectory(dir=tools) as scratch,
            ):
                # Without a C compiler, which Go's package may come without.
                settings = {"GOBIN": f"{scratch}/bin", "CGO_ENABLED": "0"}
                run(["go", "install", package], env=os.environ | settings, timeout=1200)
                Path(scratch, "bin").rename(built)
    return built / name
