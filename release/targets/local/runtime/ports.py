"""Loopback ports for processes, below the range that outgoing connections use."""

import hashlib
import os
import socket
import sys
from collections.abc import Container, Iterator
from pathlib import Path

import psutil

from release.errors import ReleaseError, UsageError

FIRST, LAST = 20000, 29999
_claims: list[socket.socket] = []
"""Abstract sockets, one for each port that this command took: the kernel frees them with it."""


def free_ports(taken: Container[int], folder: Path) -> Iterator[int]:
    """Yield ports that neither a recorded revision nor a process of this machine uses.

    Each state folder begins elsewhere in the range, so that it does not take ports that are free
    only while a process of another folder restarts. A port stays claimed until the command ends,
    since its process does not listen yet. Raises ReleaseError if none is left.
    """
    begin = int.from_bytes(hashlib.sha256(os.fsencode(folder)).digest()[:4])
    for step in range(LAST - FIRST):
        port = FIRST + (begin + step) % (LAST - FIRST + 1)
        if port not in taken and is_free(port) and _claim(port):
            yield port
    raise ReleaseError(f"no free port is left from {FIRST} to {LAST}")


def is_free(port: int) -> bool:
    """True if a server could listen on the port now."""
    with socket.socket() as probe:
        # As servers do: closing connections do not block a port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise UsageError(f"port {port}: an ordinary user gets 1024 and above") from error
        except OSError:
            return False
        return True


def _claim(port: int) -> bool:
    """Claim a port. Return False if another command has it: each name exists once."""
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


def describe_owner(port: int) -> str:
    """Describe the process that listens on a port, if this user may see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == "LISTEN":
                if connection.pid:
                    return f"process {connection.pid}, {psutil.Process(connection.pid).name()}"
                break
    except psutil.Error:
        pass
    return "another process"
