"""A stock that misbehaves, byte by byte."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import pytest


@dataclass
class BadStock:
    """A stock whose answers are scripted: one per request, the last one for all that follow."""

    url: str
    listener: socket.socket
    script: list[bytes | Callable[[socket.socket], None]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @staticmethod
    def http(body: str, status: str = "200 OK", *, headers: str = "") -> bytes:
        """The bytes of an answer; headers end with a line break each."""
        content = body.encode()
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
        return head.encode() + content

    def hang(self, connection: socket.socket) -> None:
        """Say nothing until the client gives up."""
        connection.recv(1)

    def trickle(self, connection: socket.socket) -> None:
        """Send headers for ever, one byte at a time, each well within a read timeout."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.closing.wait(0.05):
            connection.sendall(b".")

    def serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream, suppress(OSError):
            while head := b"".join(takewhile(bytes.strip, iter(stream.readline, b""))):
                length = re.search(rb"content-length: (\d+)", head.lower())
                self.heads.append(head.decode())
                self.bodies.append(stream.read(int(length[1])) if length else b"")
                answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                if callable(answer):
                    return answer(connection)
                connection.sendall(answer)
                if b"Content-Length" not in answer:
                    return None
        return None

    def stop(self) -> None:
        """Stop listening, and end all conversations."""
        self.closing.set()
        for end in (self.listener, *self.connections):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def bad_stock() -> Iterator[BadStock]:
    """A stock that does what its script says."""
    listener = socket.create_server(("127.0.0.1", 0))
    bad = BadStock(f"http://127.0.0.1:{listener.getsockname()[1]}", listener)
    talks: list[threading.Thread] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                bad.connections.append(connection)
                talks.append(threading.Thread(target=bad.serve, args=(connection,)))
                talks[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    yield bad
    bad.stop()
    for thread in (accepting, *talks):
        thread.join(timeout=20)


@pytest.fixture
def bad_shop(bad_stock: BadStock, open_catalog: Callable[..., Any]) -> Callable[[int], Any]:
    """Opens a catalog of a version in front of `bad_stock`, with more patience than a busy
    machine takes.
    """

    def shop_of(version: int) -> Any:
        patience = {"REMOTE_CONNECT_TIMEOUT": 5, "REMOTE_READ_TIMEOUT": 5, "REMOTE_BUDGET": 20}
        return open_catalog(version, bad_stock.url, **patience)

    return shop_of


@pytest.fixture
def impatient_shop(bad_stock: BadStock, open_catalog: Callable[..., Any]) -> Callable[[int], Any]:
    """The same with hardly any patience, for a stock that makes it wait."""

    def shop_of(version: int) -> Any:
        patience = {"REMOTE_READ_TIMEOUT": 0.3, "REMOTE_BUDGET": 0.6}
        return open_catalog(version, bad_stock.url, **patience)

    return shop_of
