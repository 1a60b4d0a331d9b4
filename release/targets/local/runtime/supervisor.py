"""The process manager: one supervisord for a state folder, with one program for each process.

Each revision has programs of its own: supervisord replaces a program only after stopping it.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, dumps, loads

import psutil

from release.clients.http import wait_until
from release.errors import ReleaseError
from release.files import private_folder, write
from release.targets.local.runtime.supervisor_config import (
    Program,
    main_section,
    program_section,
    socket_path,
)
from release.toolchain.subprocesses import start_detached

_ANSWER_TIMEOUT = 10
"""Seconds for one answer of the manager; each takes moments."""

_TAG = "PARALLEL_RELEASES_STATE"
"""An environment variable by which processes are found that a killed manager left behind."""


@dataclass(frozen=True)
class ProgramStatus:
    """The state of a program; pid 0 if it has no process."""

    pid: int
    state: str
    started: float


class Supervisor:
    """The supervisord of a state folder; only `start` starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self.log = folder / "supervisord.log"
        self.socket = socket_path(folder)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process: the tag, and no secrets or flags of the caller."""
        names = ("PATH", "HOME", "TMPDIR", "LANG")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        return {"LANG": "C.UTF-8", **kept, _TAG: str(self.folder)}

    def find_processes(self) -> list[psutil.Process]:
        """Return every running process with the tag, whatever its parent is by now."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(_TAG) == str(self.folder):
                    found.append(process)
        return found

    def has_processes(self) -> bool:
        """True if the manager runs, or a process that it left behind."""
        # Ask the manager first: it answers at once, a look at every process takes longer.
        return self.pid() is not None or bool(self.find_processes())

    def pid(self) -> int | None:
        """Return the manager's process id, None if it is not running.

        Raises ReleaseError if it runs and does not answer.
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
        """Start the manager and every program that has a file, in place of what another left."""
        self._end_processes()
        private_folder(self.programs)
        private_folder(self.socket.parent)
        self.socket.unlink(missing_ok=True)
        configuration = self.folder / "supervisord.conf"
        write(configuration, main_section(self.folder, self.log, self.socket))
        process = start_detached(
            [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", configuration],
            env=self.environment,
            cwd=self.folder,
        )
        wait_until(lambda: self.pid() is not None or process.poll() is not None, limit=60)
        if self.pid() is None:
            raise ReleaseError(f"the process manager does not start: see {self.log}")

    def add(self, programs: Sequence[Program]) -> None:
        """Start programs and keep them running."""
        for program in programs:
            launch = self.programs / f"{program.name}.json"
            facts = {
                "command": [str(part) for part in program.command],
                "directory": str(program.directory),
                "environment": {**self.environment, **program.environment},
            }
            write(launch, json.dumps(facts))
            private_folder(program.log.parent)
            write(self.programs / f"{program.name}.conf", program_section(program, launch))
        if programs:
            # Once for all: the manager reads the file of every program.
            self._call("reloadConfig")
        for program in programs:
            self._call("addProcessGroup", program.name)

    def stop(self, names: Iterable[str]) -> None:
        """Stop the programs that exist, in parallel (SIGTERM, grace, SIGKILL), and remove them."""
        names = list(names)
        for name in names:
            with contextlib.suppress(Fault):
                self._call("stopProcess", name, False)
        # The manager kills a process that outlives its grace period.
        wait_until(lambda: not any(program.pid for program in self.find(names).values()), limit=180)
        for name in names:
            with contextlib.suppress(Fault):
                self._call("removeProcessGroup", name)
            for suffix in ("conf", "json"):
                (self.programs / f"{name}.{suffix}").unlink(missing_ok=True)

    def signal(self, name: str, signal: str) -> None:
        self._call("signalProcess", name, signal)

    def programs_by_name(self) -> dict[str, ProgramStatus]:
        """Return every program; nothing if the manager does not answer."""
        try:
            answers = self._call("getAllProcessInfo")
        except (OSError, Fault):
            return {}
        return {info["name"]: _to_status(info) for info in answers}

    def find(self, names: Iterable[str]) -> dict[str, ProgramStatus]:
        """Return those of these programs that exist: quicker than asking for all."""
        found = {}
        for name in names:
            with contextlib.suppress(OSError, Fault):
                found[name] = _to_status(self._call("getProcessInfo", name))
        return found

    def names(self) -> set[str]:
        """Return every program, and those of which an interrupted command left only the file."""
        return set(self.programs_by_name()) | {path.stem for path in self.programs.glob("*.conf")}

    def restarts(self) -> Counter[str]:
        """Count the unexpected ends of each program in the manager's log."""
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        return Counter(re.findall(r"exited: (\S+) \(", log))

    def shutdown(self) -> None:
        """Stop the manager and all its processes, orphans included."""
        with contextlib.suppress(OSError):
            # In parallel: on SIGTERM the manager stops one group after the other.
            self.stop(self.programs_by_name())
        self._end_processes()
        shutil.rmtree(self.programs, ignore_errors=True)
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self.folder:
            shutil.rmtree(self.socket.parent, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    def _end_processes(self) -> None:
        """End every process with the tag: SIGTERM, 15 seconds, SIGKILL."""
        found = self.find_processes()
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _, stubborn = psutil.wait_procs(found, timeout=15)
        for process in stubborn:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(stubborn, timeout=5)

    def _call(self, method: str, *arguments: Any) -> Any:
        """Call a method on a connection of its own: a failed one must not spoil the next.

        Raises Fault if the manager refuses, OSError if it is gone, TimeoutError if it hangs.
        """
        # No pool of connections: an interrupt in the finalizer of one would get lost.
        connection = HTTPConnection("localhost")
        try:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(_ANSWER_TIMEOUT)
            connection.sock.connect(str(self.socket))
            connection.request("POST", "/RPC2", dumps(arguments, f"supervisor.{method}").encode())
            answer = connection.getresponse()
            if answer.status != HTTPStatus.OK:
                raise HTTPException(f"status {answer.status}")
            return loads(answer.read())[0][0]
        except HTTPException as error:
            raise ConnectionError(f"the process manager broke off: {error}") from error
        finally:
            connection.close()


def _to_status(info: Mapping[str, Any]) -> ProgramStatus:
    return ProgramStatus(info["pid"], info["statename"].lower(), float(info["start"]))
