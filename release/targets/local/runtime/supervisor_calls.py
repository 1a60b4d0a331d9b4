"""One question to the process manager, through its socket."""

from __future__ import annotations

from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport, UnixStreamHTTPConnection

_ANSWER_LIMIT = 10
"""Seconds that the manager may take for one answer; all that it is asked takes moments."""


class _Connection(UnixStreamHTTPConnection):  # type: ignore[misc]
    """To the manager's socket, and not for ever."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self.socketfile = str(path)

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(_ANSWER_LIMIT)


def ask(socket: Path, method: str, *arguments: object) -> Any:
    """Call a method on a connection of its own: a failed one must not spoil the next.

    Raises OSError when nobody answers, Fault when the manager refuses.
    """
    transport = SupervisorTransport(None, None, f"unix://{socket}")
    transport._get_connection = partial(_Connection, socket)
    try:
        server = ServerProxy("http://127.0.0.1", transport=transport)
        return getattr(server.supervisor, method)(*arguments)
    except HTTPException as error:
        raise ConnectionError(f"the process manager broke off: {error}") from error
    finally:
        transport.close()
