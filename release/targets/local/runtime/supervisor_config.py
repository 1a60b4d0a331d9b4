"""The files of the process manager: its configuration, one for each program, and its socket."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release.errors import ReleaseError, UsageError

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


def socket_path(folder: Path) -> Path:
    """Return the path of the manager's socket.

    A path may have 108 bytes; below a longer folder, the socket lies in a private temporary one.
    """
    path = folder / "supervisor.sock"
    if len(os.fsencode(path)) <= 90:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"parallel-releases-{os.getuid()}-{name}"
    if short.exists():
        facts = short.lstat()
        if short.is_symlink() or facts.st_uid != os.getuid() or facts.st_mode & 0o077:
            raise ReleaseError(f"{short} belongs to somebody else or is open to others: remove it")
    return short / "supervisor.sock"


def main_section(folder: Path, log: Path, socket: Path) -> str:
    """Return supervisord's own settings; every program has a file of its own."""
    return f"""\
[supervisord]
logfile={_checked(log)}
logfile_maxbytes=20MB
logfile_backups=1
pidfile={_checked(folder / "supervisord.pid")}
childlogdir={_checked(folder)}
umask=077
minfds=1024

[unix_http_server]
file={_checked(socket)}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[include]
files=programs/*.conf
"""


def program_section(program: Program, launch: Path) -> str:
    """Return the settings of a program: started by launch.py, restarted whenever it ends."""
    return f"""\
[program:{program.name}]
command="{_checked(sys.executable)}" -I -S "{_checked(LAUNCHER)}" "{_checked(launch)}"
autorestart=true
startsecs=1
startretries=1000
stopsignal=TERM
stopwaitsecs={int(program.grace) + 1}
killasgroup=true
redirect_stderr=true
stdout_logfile={_checked(program.log)}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""


def _checked(path: object) -> str:
    """Return a path. Raises UsageError for one that the configuration file cannot quote."""
    text = str(path)
    if not text.isprintable() or set(text) & set("%;#\"'\\"):
        raise UsageError(
            f"{text!r} has characters that the process manager's configuration cannot hold: "
            "clone the project to another folder, or choose one with STATE="
        )
    return text
