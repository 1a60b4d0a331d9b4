"""Tells the demo: prints each command, runs it in the demo's shop, and shows its output."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

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
        status = f"{response.status_code} {response.reason}"
        for line in (status, f"Link: {response.headers.get('Link')}"):
            out.print(f"    {line}", style="dim", markup=False)

    def run(
        self, command: str, *, exits: int = 0, shows: bool = False, **variables: object
    ) -> None:
        """Run a command and print its progress, with `shows` also its output.

        Raises ReleaseError unless it exits with the code `exits`.
        """
        if command in self._values:
            variables["VALUES"] = self._values[command].relative_to(paths.ROOT)
        settings = {name: str(value) for name, value in variables.items()}
        arguments = [
            f'{name}="{value}"' if " " in value else f"{name}={value}"
            for name, value in settings.items()
        ]
        out.print(" ".join(["$ make", command, *arguments]), style="cyan", markup=False)
        with subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            [sys.executable, "-m", "release", command],
            cwd=paths.ROOT,
            env=self._environment | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if shows else subprocess.DEVNULL,
            # One pipe for both, since the program blocks while one of two is full.
            stderr=subprocess.STDOUT if shows else subprocess.PIPE,
            text=True,
        ) as process:
            for line in process.stdout or process.stderr or ():
                out.print(f"    {line.rstrip()}", style="dim", markup=False)
        if process.returncode != exits:
            raise ReleaseError(
                f"the demo stops: make {command} ended with {process.returncode}, not with {exits}"
            )
