"""The process manager: one supervisord for a state folder, and one program file for each process
that it keeps.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport

from release.errors import ReleaseError
from release.files import write
from release.web import wait_until

MARK = "PARALLEL_RELEASES_STATE"
"""In the environment of everything that we start: how orphans are found when the manager was
killed.
"""


LAUNCHER = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class Program:
    """A process to keep running."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    directory: Path
    log: Path
    grace: float = 10


@dataclass(frozen=True)
class Running:
    """What the manager says of a program."""

    name: str
    pid: int
    state: str
    started: float
    restarts: int


class Supervisor:
    """Talks to the supervisord of a state folder; nothing here starts it but `start`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self.log = folder / "supervisord.log"
        self.socket = _socket(folder)

    @property
    def mark(self) -> str:
        return str(self.folder)

    def _call(self, method: str, *arguments: object) -> Any:
        """One remote call on a connection of its own: a failed one must not spoil the next."""
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        try:
            return getattr(ServerProxy("http://127.0.0.1", transport=transport).supervisor, method)(
                *arguments
            )
        except HTTPException as error:
            raise ConnectionError(f"the process manager broke off: {error}") from error
        finally:
            transport.close()

    def pid(self) -> int | None:
        """The manager's process id, or None when nobody answers."""
        with contextlib.suppress(OSError, Fault):
            return int(self._call("getPID"))
        return None

    def start(self) -> None:
        """Start the manager with every program that has a file; orphans of a killed one are ended
        first.
        """
        if self.pid():
            return
        self.end_orphans()
        self.programs.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        configuration = self.folder / "supervisord.conf"
        write(configuration, _main_section(self))
        process = subprocess.Popen(  # noqa: S603
            [
                sys.executable,
                "-m",
                "supervisor.supervisord",
                "--nodaemon",
                "-c",
                str(configuration),
            ],
            # A clean environment: what the caller exported (secrets, make's flags) is not for
            # services.
            env={**base_environment(), MARK: self.mark},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if not wait_until(lambda: self.pid() is not None or process.poll() is not None, limit=20):
            raise ReleaseError(f"the process manager does not answer: see {self.log}")
        if process.poll() is not None:
            raise ReleaseError(f"the process manager ended at once: see {self.log}")

    def add(self, program: Program) -> None:
        """Start a program and keep it running."""
        launch = self.programs / f"{program.name}.json"
        write(
            launch,
            json.dumps(
                {
                    "command": [str(part) for part in program.command],
                    "directory": str(program.directory),
                    "environment": {**base_environment(), **program.environment, MARK: self.mark},
                }
            ),
        )
        program.log.parent.mkdir(parents=True, exist_ok=True)
        write(self.programs / f"{program.name}.conf", _program_section(program, launch))
        self._call("reloadConfig")
        self._call("addProcessGroup", program.name)

    def stop(self, names: Iterable[str]) -> None:
        """End programs side by side (SIGTERM, grace period, SIGKILL) and forget them. Unknown names
        are fine.
        """
        names = list(names)
        for name in names:
            with contextlib.suppress(Fault):
                self._call("stopProcess", name, False)
        # The manager itself kills what outlives its grace period.
        wait_until(lambda: not any(self._alive(name) for name in names), limit=180)
        for name in names:
            with contextlib.suppress(Fault):
                self._call("removeProcessGroup", name)
            for suffix in ("conf", "json"):
                (self.programs / f"{name}.{suffix}").unlink(missing_ok=True)

    def _alive(self, name: str) -> bool:
        facts = self.running().get(name)
        return facts is not None and facts.pid > 0

    def signal(self, name: str, signal: str) -> None:
        self._call("signalProcess", name, signal)

    def running(self) -> dict[str, Running]:
        """Every program by name; empty when the manager does not answer."""
        try:
            answers: Any = self._call("getAllProcessInfo")
        except (OSError, Fault):
            return {}
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        return {
            info["name"]: Running(
                info["name"],
                info["pid"],
                info["statename"].lower(),
                float(info["start"]),
                _restarts(log, info["name"]),
            )
            for info in answers
        }

    def shutdown(self) -> None:
        """End the manager and everything that it keeps, orphans included."""
        pid = self.pid()
        if pid:
            # Side by side: left to itself, the manager ends one group after the other.
            self.stop(self.running())
            with contextlib.suppress(OSError, Fault):
                self._call("shutdown")
            if not wait_until(lambda: not psutil.pid_exists(pid), limit=60):
                psutil.Process(pid).kill()
        self.end_orphans()
        shutil.rmtree(self.programs, ignore_errors=True)
        self.socket.unlink(missing_ok=True)
        self.log.unlink(missing_ok=True)

    def marked(self) -> list[psutil.Process]:
        """Every process of this state folder, whoever its parent is now."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(MARK) == self.mark:
                    found.append(process)
        return found

    def end_orphans(self) -> None:
        """End what a killed manager left behind."""
        orphans = self.marked()
        for process in orphans:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _, stubborn = psutil.wait_procs(orphans, timeout=15)
        for process in stubborn:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(stubborn, timeout=5)


def base_environment() -> dict[str, str]:
    """What every process gets, and nothing else of the caller's."""
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ
    }
    return {"LANG": "C.UTF-8", **kept}


def _restarts(log: str, name: str) -> int:
    """Unexpected ends of a program, as the manager's own log tells them."""
    return len(re.findall(rf"exited: {re.escape(name)} \(", log))


def _socket(folder: Path) -> Path:
    """Where the manager listens: in its folder, or in an owner-only one with a short name, since
    108 bytes is the limit.
    """
    path = folder / "supervisor.sock"
    if len(os.fsencode(path)) <= 90:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"parallel-releases-{os.getuid()}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    facts = short.lstat()
    if short.is_symlink() or facts.st_uid != os.getuid() or facts.st_mode & 0o077:
        raise ReleaseError(f"{short} belongs to somebody else or is open to others: remove it")
    return short / "supervisor.sock"


def _main_section(supervisor: Supervisor) -> str:
    return f"""\
[supervisord]
logfile={_path(supervisor.log)}
logfile_maxbytes=20MB
logfile_backups=1
pidfile={_path(supervisor.folder / "supervisord.pid")}
childlogdir={_path(supervisor.folder)}
umask=077
minfds=1024

[unix_http_server]
file={_path(supervisor.socket)}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[include]
files={_path(supervisor.programs)}/*.conf
"""


def _program_section(program: Program, launch: Path) -> str:
    return f"""\
[program:{program.name}]
command={_path(sys.executable)} -I -S {_path(LAUNCHER)} {_path(launch)}
autorestart=true
startsecs=1
startretries=1000
stopsignal=TERM
stopwaitsecs={int(program.grace) + 1}
killasgroup=true
redirect_stderr=true
stdout_logfile={_path(program.log)}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""


def _path(path: object) -> str:
    """A path as the configuration file takes it; its quoting cannot express everything."""
    text = str(path)
    if not re.fullmatch(r"[\w./+@,:=~-]+", text):
        raise ReleaseError(
            f"{text!r} has characters that the process manager's configuration cannot hold: "
            "choose another folder with STATE=, or move the project"
        )
    return text
