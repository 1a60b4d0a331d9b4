"""The process manager: one supervisord for a state folder, a program for each process it keeps.

A revision's processes are programs of their own, since a program's replacement stops before it
starts.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

import psutil

from release.clients.http import wait_until
from release.errors import ReleaseError
from release.files import private_folder, write
from release.targets.local.runtime import process_tags
from release.targets.local.runtime.supervisor_calls import ask
from release.targets.local.runtime.supervisor_config import (
    Program,
    launch_file,
    main_section,
    program_section,
    socket_path,
)
from release.toolchain.subprocesses import start_detached


@dataclass(frozen=True)
class Running:
    """What the manager says of a program; pid 0 when it is not there right now."""

    name: str
    pid: int
    state: str
    started: float


class Supervisor:
    """Talks to the supervisord of a state folder; only `start` starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self.log = folder / "supervisord.log"
        self.socket = socket_path(folder)

    def pid(self) -> int | None:
        """The manager's process id, or None when there is none.

        Raises ReleaseError when there is one that does not answer: hung is not gone.
        """
        try:
            return int(self._call("getPID"))
        except TimeoutError as error:
            raise ReleaseError(
                "the process manager does not answer: make down ends it and all that it keeps"
            ) from error
        except (OSError, Fault):
            return None

    def start(self) -> None:
        """Start the manager with every program that has a file. Raises ReleaseError."""
        private_folder(self.programs)
        private_folder(self.socket.parent)
        self.socket.unlink(missing_ok=True)
        configuration = self.folder / "supervisord.conf"
        write(configuration, main_section(self.folder, self.log, self.socket))
        process = start_detached(
            [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", configuration],
            env=process_tags.environment(self.folder),
            cwd=self.folder,
        )
        wait_until(lambda: self.pid() is not None or process.poll() is not None, limit=60)
        if self.pid() is None:
            raise ReleaseError(f"the process manager does not start: see {self.log}")

    def add(self, programs: Sequence[Program]) -> None:
        """Start programs and keep them running."""
        for program in programs:
            launch = self.programs / f"{program.name}.json"
            write(launch, launch_file(program, process_tags.environment(self.folder)))
            private_folder(program.log.parent)
            write(self.programs / f"{program.name}.conf", program_section(program, launch))
        if programs:
            # Once for all of them: the manager reads the file of every program there is.
            self._call("reloadConfig")
        for program in programs:
            self._call("addProcessGroup", program.name)

    def stop(self, names: Iterable[str]) -> None:
        """End programs side by side (SIGTERM, grace period, SIGKILL) and forget them.

        Unknown names are fine.
        """
        names = list(names)
        if not names:
            return
        for name in names:
            with contextlib.suppress(Fault):
                self._call("stopProcess", name, False)
        # The manager itself kills what outlives its grace period.
        wait_until(lambda: not self._alive(names), limit=180)
        for name in names:
            with contextlib.suppress(Fault):
                self._call("removeProcessGroup", name)
            for suffix in ("conf", "json"):
                (self.programs / f"{name}.{suffix}").unlink(missing_ok=True)

    def signal(self, name: str, signal: str) -> None:
        self._call("signalProcess", name, signal)

    def running(self) -> dict[str, Running]:
        """Every program by name; empty when the manager does not answer."""
        try:
            answers = self._call("getAllProcessInfo")
        except (OSError, Fault):
            return {}
        return {info["name"]: _told(info) for info in answers}

    def among(self, names: Iterable[str]) -> dict[str, Running]:
        """Those of the programs that there are, by name: with many others, quicker than all."""
        found = {}
        for name in names:
            with contextlib.suppress(OSError, Fault):
                found[name] = _told(self._call("getProcessInfo", name))
        return found

    def names(self) -> set[str]:
        """Every program that runs or has a file: one that was broken off has only that."""
        return set(self.running()) | {path.stem for path in self.programs.glob("*.conf")}

    def restarts(self) -> Counter[str]:
        """Unexpected ends by program, as the manager's own log tells them."""
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        return Counter(re.findall(r"exited: (\S+) \(", log))

    def shutdown(self) -> None:
        """End the manager and everything that it keeps, orphans included."""
        with contextlib.suppress(ReleaseError):
            self._shut_down()
        process_tags.end(self.folder)
        shutil.rmtree(self.programs, ignore_errors=True)
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self.folder:
            shutil.rmtree(self.socket.parent, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    def _shut_down(self) -> None:
        pid = self.pid()
        if pid:
            # Side by side: left to itself, the manager ends one group after the other.
            self.stop(self.running())
            with contextlib.suppress(OSError, Fault):
                self._call("shutdown")
            with contextlib.suppress(psutil.Error):
                # A wait of psutil's also reaps it, should it be a child of ours.
                psutil.Process(pid).wait(timeout=60)

    def _alive(self, names: Iterable[str]) -> bool:
        return any(program.pid for program in self.among(names).values())

    def _call(self, method: str, *arguments: object) -> Any:
        return ask(self.socket, method, *arguments)


def _told(info: Mapping[str, Any]) -> Running:
    return Running(info["name"], info["pid"], info["statename"].lower(), float(info["start"]))
