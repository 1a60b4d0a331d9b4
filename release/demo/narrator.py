"""Tells the demo: prints each command, runs it in the demo's shop, and shows its output."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from load.gateway import Gateway
from release import paths
from release.clients.http import session
from release.console import out
from release.errors import ReleaseError

_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "TOOLS", "KUBECONFIG")


class Narrator:
    """Prints and runs commands. `environment`: variables of every command; `values`: command -> a
    values file that keeps the shop small.
    """

    def __init__(self, environment: Mapping[str, object], values: Mapping[str, Path]) -> None:
        self._environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._environment |= {name: str(value) for name, value in environment.items() if value}
        self._values = values

    def title(self, text: str) -> None:
        out.print(f"\n{text}", style="bold", markup=False)

    def say(self, text: str) -> None:
        out.print(text, markup=False)

    def visit(self, gateway: Gateway, host: str) -> None:
        """Request the page of a public host, and print status and link."""
        out.print(f"$ curl -i http://{host}/", style="cyan", markup=False)
        response = session.get(f"{gateway.base}/", headers={"Host": host}, timeout=10)
        for line in (
            f"{response.status_code} {response.reason}",
            f"Link: {response.headers.get('Link')}",
        ):
            out.print(f"    {line}", style="dim", markup=False)

    def run(
        self, command: str, *, exits: int = 0, shows: bool = False, **variables: object
    ) -> None:
        """Run a command and print its progress, with `shows` also its output.

        Raises ReleaseError unless it exits with the code `exits`.
        """
        if command in self._values:
            variables["VALUES"] = self._values[command].relative_to(paths.ROOT)
        arguments = " ".join(f"{name}={_quoted(str(value))}" for name, value in variables.items())
        out.print(f"$ make {command} {arguments}".rstrip(), style="cyan", markup=False)
        with subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            [sys.executable, "-m", "release", command],
            cwd=paths.ROOT,
            env=self._environment | {name: str(value) for name, value in variables.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if shows else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            # Read both pipes at once: the program blocks while one of them is full.
            progress = threading.Thread(target=_show, args=[process.stderr])
            progress.start()
            _show(process.stdout)
            progress.join()
        if process.returncode != exits:
            raise ReleaseError(
                f"the demo stops: make {command} ended with {process.returncode}, not with {exits}"
            )


def _show(lines: IO[str] | None) -> None:
    for line in lines or ():
        out.print(f"    {line.rstrip()}", style="dim", markup=False)


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
