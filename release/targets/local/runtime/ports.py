"""Loopback ports for processes, from a range below the one that outgoing connections use."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from collections.abc import Container
from pathlib import Path

import psutil

from release.errors import ReleaseError, UsageError

FIRST, LAST = 20000, 29999
_claims: list[socket.socket] = []
"""Ports that this command took, as names of the kernel's own: they go with it, however it ends."""


class Ports:
    """Hands out ports that neither a recorded revision nor anybody on this machine uses.

    Each state folder begins elsewhere in the range, so that two of them do not take ports that the
    other one only misses for the moment of a restart. Where they meet all the same, a port that was
    taken stays so until the command ends: its process is still to start and to listen.
    """

    def __init__(self, taken: Container[int], folder: Path) -> None:
        self._taken = taken
        begin = int.from_bytes(hashlib.sha256(os.fsencode(folder)).digest()[:4])
        self._candidates = (
            FIRST + (begin + step) % (LAST - FIRST + 1) for step in range(LAST - FIRST)
        )

    def take(self) -> int:
        for port in self._candidates:
            if port not in self._taken and is_free(port) and _claim(port):
                return port
        raise ReleaseError(f"no free port is left from {FIRST} to {LAST}")


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise UsageError(f"port {port}: an ordinary user gets 1024 and above") from error
        except OSError:
            return False
        return True


def _claim(port: int) -> bool:
    """Whether no other command took it: the kernel gives each name of this kind once."""
    if sys.platform != "linux":
        return True
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0parallel-releases-port-{port}")
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def owner(port: int) -> str:
    """Who listens on a port, as far as this user may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == "LISTEN":
                if connection.pid:
                    return f"process {connection.pid}, {psutil.Process(connection.pid).name()}"
                break
    except psutil.Error:
        pass
    return "another process"
