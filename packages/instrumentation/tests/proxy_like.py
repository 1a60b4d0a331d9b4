"""A client as careful and as careless as a proxy: writes all of a request, then reads the answer.

It keeps its connection for the next request, unless the answer says that it ends.
"""

import socket
from http.client import HTTPResponse
from typing import Self

ROUTES = {
    # The status that each request gets, whatever comes with it.
    ("GET", "/items/a"): 200,
    ("POST", "/items/a"): 413,
    ("POST", "/hops"): 405,
    ("GET", "/nowhere"): 404,
}


def message(method: str, path: str, size: int, *, chunked: bool = False) -> bytes:
    """The bytes of a request with a body of that size."""
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
    if chunked:
        framing = b"Transfer-Encoding: chunked\r\n\r\n"
        return head + framing + b"%x\r\n%s\r\n0\r\n\r\n" % (size, b"[" * size)
    return head + b"Content-Length: %d\r\n\r\n" % size + b"[" * size


class ProxyLike:
    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None
        self.connections = 0

    def ask(self, request: bytes) -> int:
        """The status of the answer; an OSError or HTTPException if there is none."""
        if self._connection is None:
            self._connection = socket.create_connection(("127.0.0.1", self._port), timeout=20)
            self.connections += 1
        self._connection.sendall(request)
        answer = HTTPResponse(self._connection)
        answer.begin()
        answer.read()
        if answer.will_close:
            self.close()
        return answer.status

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
