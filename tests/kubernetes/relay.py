"""The way to a control plane that a test can cut: a port of this machine that leads to it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Relay:
    """Passes bytes on while it is open. Use it as a context manager; it begins open."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open = True
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Relay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        # Wakes up who waits for the next connection.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def cut(self) -> None:
        """End what goes on, and whatever is tried from now on."""
        with self._lock:
            self._open = False
            for connection in self._connections:
                _end(connection)
            self._connections.clear()

    def mend(self) -> None:
        with self._lock:
            self._open = True

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=[near], daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(self._target) as far:
            with self._lock:
                if not self._open:
                    return
                self._connections |= {near, far}
            back = threading.Thread(target=_pass, args=[far, near], daemon=True)
            back.start()
            _pass(near, far)
            back.join()


def _pass(source: socket.socket, target: socket.socket) -> None:
    """Until one of them ends; then the other does, too."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for each in (source, target):
        _end(each)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
