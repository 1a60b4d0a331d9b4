"""Clients that keep a connection busy with nothing: they end, and nobody waits for them."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from sample_server import Running, until

Serve = Callable[..., Running]
Connect = Callable[..., socket.socket]

POST = b"POST /items/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
# Closing without ceremony: on, at once.
RESET = struct.pack("ii", 1, 0)
GET_AND_CLOSE = b"GET /items/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Sends bytes to a service over a connection that stays open."""
    with ExitStack() as stack:

        def send(service: Running, sent: bytes) -> socket.socket:
            address = ("127.0.0.1", service.http)
            client = stack.enter_context(socket.create_connection(address, timeout=20))
            client.sendall(sent)
            return client

        yield send


@pytest.mark.parametrize(
    "head",
    [
        POST + b"Content-Length: 50000\r\n\r\n{",
        POST + b"Transfer-Encoding: chunked\r\n\r\nc350\r\n{",
        POST + b"Transfer-Encoding: chunked\r\n\r\nc35",
    ],
)
def test_a_body_that_stalls_does_not_keep_a_thread(
    serve: Serve, connect: Connect, head: bytes
) -> None:
    service = serve(THREADS="1")
    slow = connect(service, head)
    other = connect(service, GET_AND_CLOSE)
    assert other.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert slow.recv(65536).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("head", "status"), [(b"Content-Length: 50000", 408), (b"Content-Length: 70000", 413)]
)
def test_a_body_that_trickles_does_not_keep_a_thread(
    serve: Serve, connect: Connect, head: bytes, status: int
) -> None:
    service = serve(THREADS="1")
    slow = connect(service, POST + head + b"\r\n\r\n")
    other = connect(service, GET_AND_CLOSE)
    other.setblocking(False)
    answer = b""

    def answered() -> bool:
        nonlocal answer
        slow.send(b" ")
        with suppress(BlockingIOError):
            answer = other.recv(65536)
        return bool(answer)

    until(answered, "the other client has its answer")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert slow.recv(65536).startswith(b"HTTP/1.1 %d " % status)


def test_clients_that_do_not_hang_up_keep_nobody_waiting(serve: Serve, connect: Connect) -> None:
    service = serve()
    silent = [connect(service, GET_AND_CLOSE) for _ in range(20)]
    for client in silent:
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
    # One of them alone would hold gunicorn's event loop for two seconds.
    assert service.get("/items/a") == (200, '{"name":"a"}\n')


@pytest.mark.parametrize("piece", [b"x", b"x" * 65536], ids=["little", "much"])
def test_a_client_that_never_stops_sending_is_cut_off_in_the_end(
    serve: Serve, connect: Connect, piece: bytes
) -> None:
    service = serve()
    endless = connect(service, GET_AND_CLOSE)

    def cut_off() -> bool:
        try:
            endless.sendall(piece)
        except OSError:
            return True
        return False

    until(cut_off, "the connection is gone")
    assert service.get("/items/a")[0] == 200


def test_the_connections_of_such_clients_do_not_add_up(serve: Serve, connect: Connect) -> None:
    service = serve()
    (worker,) = children(service)
    descriptors = Path(f"/proc/{worker}/fd")
    before = len(list(descriptors.iterdir()))
    # Twice: the second time with the descriptors of the first.
    for _ in range(2):
        for _ in range(20):
            assert connect(service, GET_AND_CLOSE).recv(65536)
        until(lambda: len(list(descriptors.iterdir())) <= before, "the connections are closed")
    assert children(service) == [worker]


def test_term_does_not_wait_long_for_clients_that_do_not_hang_up(
    serve: Serve, connect: Connect
) -> None:
    service = serve()
    assert connect(service, GET_AND_CLOSE).recv(65536)
    service.process.terminate()
    assert service.process.wait(20) == 0


def test_a_client_that_is_gone_before_its_answer_does_no_harm(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    service = serve(GATE=str(gate), THREADS="1")
    impatient = connect(service, b"GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    until(lambda: bool(list(tmp_path.glob("waiting-*"))), "the request is inside")
    impatient.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    impatient.close()
    gate.unlink()
    assert service.get("/items/a")[0] == 200
    service.process.terminate()
    assert "[ERROR]" not in service.process.communicate(timeout=20)[1]


def children(service: Running) -> list[str]:
    """The worker's process id, in a list."""
    process = service.process.pid
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()
