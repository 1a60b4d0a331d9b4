"""The process manager: one supervisord for a state folder, with one program for each process.

Each revision has programs of its own: supervisord replaces a program only after stopping it.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport, UnixStreamHTTPConnection

from release.clients.http import wait_until
from release.errors import ReleaseError
from release.files import private_folder, write
from release.targets.local.runtime import process_tags
from release.targets.local.runtime.supervisor_config import (
    Program,
    launch_file,
    main_section,
    program_section,
    socket_path,
)
from release.toolchain.subprocesses import start_detached

_ANSWER_TIMEOUT = 10
"""Seconds for one answer of the manager; each takes moments."""


@dataclass(frozen=True)
class ProgramStatus:
    """The state of a program; pid 0 if it has no process right now."""

    name: str
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
        """Start the manager with every program that has a file. Raises ReleaseError."""
        private_folder(self.programs)
        private_folder(self.socket.parent)
        self.socket.unlink(missing_ok=True)
        configuration = self.folder / "supervisord.conf"
        write(configuration, main_section(self.folder, self.log, self.socket))
        process = start_detached(
            [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", configuration],
            env=process_tags.tagged_environment(self.folder),
            cwd=self.folder,
        )
        wait_until(lambda: self.pid() is not None or process.poll() is not None, limit=60)
        if self.pid() is None:
            raise ReleaseError(f"the process manager does not start: see {self.log}")

    def add(self, programs: Sequence[Program]) -> None:
        """Start programs and keep them running."""
        for program in programs:
            launch = self.programs / f"{program.name}.json"
            write(launch, launch_file(program, process_tags.tagged_environment(self.folder)))
            private_folder(program.log.parent)
            write(self.programs / f"{program.name}.conf", program_section(program, launch))
        if programs:
            # Once for all: the manager reads the file of every program.
            self._call("reloadConfig")
        for program in programs:
            self._call("addProcessGroup", program.name)

    def stop(self, names: Iterable[str]) -> None:
        """Stop programs in parallel (SIGTERM, grace period, SIGKILL) and remove them.

        Ignores unknown names.
        """
        names = list(names)
        for name in names:
            with contextlib.suppress(Fault):
                self._call("stopProcess", name, False)
        # The manager kills a process that outlives its grace period.
        wait_until(lambda: not self._has_processes(names), limit=180)
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
        """Return every program that the manager knows or that has a file.

        An interrupted command may have left the file alone.
        """
        return set(self.programs_by_name()) | {path.stem for path in self.programs.glob("*.conf")}

    def restarts(self) -> Counter[str]:
        """Count the unexpected ends of each program in the manager's log."""
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        return Counter(re.findall(r"exited: (\S+) \(", log))

    def shutdown(self) -> None:
        """Stop the manager and all its processes, orphans included."""
        with contextlib.suppress(ReleaseError):
            self._shut_down()
        process_tags.end_processes(self.folder)
        shutil.rmtree(self.programs, ignore_errors=True)
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self.folder:
            shutil.rmtree(self.socket.parent, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    def _shut_down(self) -> None:
        pid = self.pid()
        if pid:
            # In parallel: on shutdown the manager stops one group after the other.
            self.stop(self.programs_by_name())
            with contextlib.suppress(OSError, Fault):
                self._call("shutdown")
            with contextlib.suppress(psutil.Error):
                # psutil also reaps it if it is a child of this process.
                psutil.Process(pid).wait(timeout=60)

    def _has_processes(self, names: Iterable[str]) -> bool:
        return any(program.pid for program in self.find(names).values())

    def _call(self, method: str, *arguments: object) -> Any:
        """Call a method on a connection of its own: a failed one must not spoil the next.

        Raises OSError if nobody answers, Fault if the manager refuses.
        """
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        transport._get_connection = partial(_SupervisorConnection, self.socket)
        try:
            server = ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(server.supervisor, method)(*arguments)
        except HTTPException as error:
            raise ConnectionError(f"the process manager broke off: {error}") from error
        finally:
            transport.close()


class _SupervisorConnection(UnixStreamHTTPConnection):  # type: ignore[misc]
    """A connection to the manager's socket, with a timeout."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self.socketfile = str(path)

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(_ANSWER_TIMEOUT)


def _to_status(info: Mapping[str, Any]) -> ProgramStatus:
    return ProgramStatus(info["name"], info["pid"], info["statename"].lower(), float(info["start"]))
