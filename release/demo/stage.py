"""Where the demo plays: commands as a person would type them, in a shop of its own."""

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


class Stage:
    """Says what happens, and runs it. `place`: where all of it plays; `values`: what some commands
    are given beside their own, so that the shop is small and quick.
    """

    def __init__(self, place: Mapping[str, object], values: Mapping[str, Path]) -> None:
        self._environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._environment |= {name: str(value) for name, value in place.items() if value}
        self._values = values

    def title(self, text: str) -> None:
        out.print(f"\n{text}", style="bold", markup=False)

    def say(self, text: str) -> None:
        out.print(text, markup=False)

    def visit(self, gateway: Gateway, host: str) -> None:
        """Ask a public host, and tell how it answers."""
        out.print(f"$ curl -i http://{host}/", style="cyan", markup=False)
        answer = session.get(f"{gateway.base}/", headers={"Host": host}, timeout=10)
        for line in (
            f"{answer.status_code} {answer.reason}",
            f"Link: {answer.headers.get('Link')}",
        ):
            out.print(f"    {line}", style="dim", markup=False)

    def run(
        self, command: str, *, exits: int = 0, shows: bool = False, **variables: object
    ) -> None:
        """Run a command and show what it notes on the way, and, if it `shows` it, its report.

        Raises ReleaseError when it ends in another way than expected.
        """
        if command in self._values:
            variables["VALUES"] = self._values[command].relative_to(paths.ROOT)
        given = " ".join(f"{name}={_quoted(str(value))}" for name, value in variables.items())
        out.print(f"$ make {command} {given}".rstrip(), style="cyan", markup=False)
        with subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            [sys.executable, "-m", "release", command],
            cwd=paths.ROOT,
            env=self._environment | {name: str(value) for name, value in variables.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if shows else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            # Both at once, or a program that fills one pipe while we read the other would stand.
            noting = threading.Thread(target=_show, args=[process.stderr])
            noting.start()
            _show(process.stdout)
            noting.join()
        if process.returncode != exits:
            raise ReleaseError(
                f"the demo stops: make {command} ended with {process.returncode}, not with {exits}"
            )


def _show(lines: IO[str] | None) -> None:
    for line in lines or ():
        out.print(f"    {line.rstrip()}", style="dim", markup=False)


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
