"""Bodies that nobody wants: whoever sends one still hears the answer, and so does a proxy."""

import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from gateway import gateway
from proxy_like import ROUTES, ProxyLike, message
from sample_server import Running, until

REQUESTS = 300
CLIENTS = 3
SIZES = (70_000, 200_000, 1_000_000)
BEYOND_ALL_BOUNDS = 8_000_000
# More than is received before the answer, less than is listened to after it.
A_PART_OF_IT = 4_000_000
MORE_THAN_BUFFERS_HOLD = 40_000_000


@pytest.fixture(scope="module")
def behind_traefik(shared: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Traefik in front of the shared service."""
    with gateway(tmp_path_factory.mktemp("gateway"), shared.http) as port:

        def answers() -> bool:
            try:
                with ProxyLike(port) as client:
                    return client.ask(message("GET", "/items/a", 0)) == 200
            except OSError:
                return False

        until(answers, "Traefik has its routes")
        yield port


def storm(port: int, request: bytes) -> Counter[int]:
    """How often each status came back; any request without an answer is an error."""

    def one_client(_: int) -> list[int]:
        with ProxyLike(port) as client:
            return [client.ask(request) for _ in range(REQUESTS // CLIENTS)]

    with ThreadPoolExecutor(CLIENTS) as clients:
        return Counter(chain.from_iterable(clients.map(one_client, range(CLIENTS))))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_who_writes_it_all_before_reading_hears_the_answer(
    shared: Running, method: str, path: str, size: int, chunked: bool
) -> None:
    request = message(method, path, size, chunked=chunked)
    assert storm(shared.http, request) == {ROUTES[method, path]: REQUESTS}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_traefik_never_loses_the_answer(
    behind_traefik: int, method: str, path: str, size: int, chunked: bool
) -> None:
    request = message(method, path, size, chunked=chunked)
    assert storm(behind_traefik, request) == {ROUTES[method, path]: REQUESTS}


@pytest.mark.parametrize("size", [1_000, 64 * 1024, 1_000_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_body_that_was_received_does_not_cost_the_connection(
    shared: Running, size: int, chunked: bool
) -> None:
    with ProxyLike(shared.http) as client:
        for method, path in ROUTES:
            assert client.ask(message(method, path, size, chunked=chunked)) < 500
        assert client.connections == 1


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_beyond_all_bounds_the_answer_comes_before_the_end(
    shared: Running, method: str, path: str, chunked: bool
) -> None:
    request = message(method, path, BEYOND_ALL_BOUNDS, chunked=chunked)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", shared.http), timeout=20) as client:
            client.sendall(request[:A_PART_OF_IT])
            answer = client.recv(65536)
        assert answer.startswith(b"HTTP/1.1 %d " % ROUTES[method, path])
        assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_beyond_all_bounds_who_writes_for_as_long_as_it_can_hears_the_answer(
    shared: Running, method: str, path: str, chunked: bool
) -> None:
    request = message(method, path, MORE_THAN_BUFFERS_HOLD, chunked=chunked)
    with socket.create_connection(("127.0.0.1", shared.http), timeout=0.3) as client:
        with pytest.raises(TimeoutError):
            client.sendall(request)
        # It has stopped writing; the server may still be busy with what it wrote.
        client.settimeout(20)
        answer = client.recv(65536)
    assert answer.startswith(b"HTTP/1.1 %d " % ROUTES[method, path])


def test_who_asks_first_is_told_to_go_on(shared: Running) -> None:
    body = b'{"a": 1}'
    with socket.create_connection(("127.0.0.1", shared.http), timeout=20) as client:
        client.sendall(asking(len(body)))
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert client.recv(65536).startswith(b"HTTP/1.1 201 ")


def test_who_asks_first_is_told_at_once_that_it_is_too_much(shared: Running) -> None:
    with socket.create_connection(("127.0.0.1", shared.http), timeout=20) as client:
        client.sendall(asking(70_000))
        assert client.recv(65536).startswith(b"HTTP/1.1 413 ")


def asking(length: int) -> bytes:
    return (
        b"POST /items/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % length
    )
