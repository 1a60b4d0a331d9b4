"""Hostile requests, to every version on either engine: 4xx, never 5xx, and no sale."""

import random
import socket
import string

import pytest

NUMBERS = ("0", "-1", "1.5", "1.0", "1e0", "true", "null", '"1"', '"\\ud800"', "[1]", "{}")
HUGE = ("1000001", "2147483648", str(2**63), str(-(2**63) - 1), "9" * 4000, "1e400", "1E+9")
BODIES = {
    **{number: f'{{"quantity": {number}}}'.encode() for number in (*NUMBERS, *HUGE)},
    "empty": b"",
    "space": b" " * 100,
    "not an object": b"[1, 2]",
    "only a number": b"1",
    "no quantity": b'{"amount": 1}',
    "not a number": b'{"quantity": NaN}',
    "infinite": b'{"quantity": Infinity}',
    "cut off": b'{"quantity": 1',
    "two values": b'{"quantity": 1} {"quantity": 1}',
    "a name twice": b'{"quantity": 1, "quantity": 2}',
    "deep arrays": b"[" * 15_000,
    "deeper arrays": b"[" * 60_000,
    "deep objects": b'{"quantity":' * 1_200,
    "NUL": b'{"quantity": 1, "note": "\\u0000"}',
    "a lone surrogate": b'{"quantity": 1, "note": "\\ud800"}',
    "a surrogate as a name": b'{"quantity": 1, "\\udfff": 1}',
    "not UTF-8": b'{"quantity": 1, "note": "\xff"}',
    "UTF-16": '{"quantity": 1}'.encode("utf-16"),
    "large": b'{"quantity": 1, "note": "' + b"x" * 1_000_000 + b'"}',
    "binary": bytes(range(256)),
}
PARTS = ("%00", "a%00b", "%ED%A0%80", "%2f", "a%2f..%2fb", "%2e%2e", "..", "%FF", "%", "%zz", "%0a")
LONG = ("x" * 201, "x" * 7000, "%F0%9F%91%95" * 300)
TYPES = ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "a/b;c=\xff")


def refused(service, reply, left=10):
    assert 400 <= reply.status < 500, (reply.status, reply.body)
    assert b"Traceback" not in reply.body
    assert service.store.left("surfer-t-shirt") == left
    return True


@pytest.fixture(autouse=True)
def no_crash(service):
    """Check after every test of this file that the log has no trace of an error."""
    before = len(service.log.read_text())
    yield
    assert "Traceback" not in service.log.read_text()[before:]


@pytest.mark.parametrize("body", BODIES.values(), ids=[name[:30] for name in BODIES])
def test_no_body_is_sold_that_is_not_a_quantity(service, body):
    headers = {"Content-Type": "application/json", "Idempotency-Key": "hostile"}
    reply = service.call("POST", service.api.purchase_path(), body, headers)
    assert refused(service, reply)
    assert reply.status in (400, 413)


@pytest.mark.parametrize("type", TYPES)
def test_no_body_is_sold_that_is_not_called_json(service, type):
    headers = {"Content-Type": type, "Idempotency-Key": "hostile"}
    reply = service.call("POST", service.api.purchase_path(), b'{"quantity": 1}', headers)
    assert refused(service, reply)
    assert reply.status == 415


@pytest.mark.parametrize("part", [*PARTS, *LONG], ids=lambda part: part[:20])
def test_no_name_confuses_the_inventory(service, part):
    assert refused(service, service.call("GET", service.api.item_path(part)))
    body, key = {"quantity": 1}, {"Idempotency-Key": "hostile"}
    assert refused(service, service.call("POST", service.api.purchase_path(part), body, key))


HEAD = "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: h\r\n"
ENDINGS = {
    "a chunk without a size": b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
    "a negative chunk": b"Transfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n",
    "an endless chunk": b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 500 + b"\r\n{}\r\n",
    "a chunk cut off": b"Transfer-Encoding: chunked\r\n\r\n50\r\n{}",
    "a chunk too short": b'Transfer-Encoding: chunked\r\n\r\n3\r\n{"quantity": 1}\r\n0\r\n\r\n',
    "no last chunk": b'Transfer-Encoding: chunked\r\n\r\nf\r\n{"quantity": 1}\r\n',
    "a body cut off": b'Content-Length: 100\r\n\r\n{"quantity": 1}',
    "a negative length": b'Content-Length: -1\r\n\r\n{"quantity": 1}',
    "two lengths": b'Content-Length: 15\r\nContent-Length: 3\r\n\r\n{"quantity": 1}',
    "a length and chunks": b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": b'Transfer-Encoding: gzip\r\n\r\n{"quantity": 1}',
    "a header of a megabyte": b"X-Large: " + b"x" * 1_000_000 + b"\r\n\r\n",
    "ten thousand headers": b"X: y\r\n" * 10_000 + b"\r\n",
    "a header without a name": b": x\r\n\r\n",
    "NUL in a header": b"X-Nul: a\0b\r\n\r\n",
    "a megabyte in chunks": b"Transfer-Encoding: chunked\r\n\r\n"
    + (b"2000\r\n" + b" " * 0x2000 + b"\r\n") * 128
    + b"0\r\n\r\n",
}


def exchange(port, sent):
    """The status of the answer to these bytes, or None when the connection is just closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        answer = b""
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while received := connection.recv(65536):
                answer += received
        except OSError:
            pass  # the server may close before it has read everything
    return int(answer.split(b" ", 2)[1]) if answer else None


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=list(ENDINGS))
def test_broken_http_is_refused_or_cut_off(service, ending):
    head = HEAD.format(path=service.api.purchase_path()).encode()
    status = exchange(service.port, head + ending)
    assert status is None or 400 <= status < 500
    assert service.store.left("surfer-t-shirt") == 10
    assert service.call("GET", service.api.LIST).status == 200


def test_a_purchase_in_well_formed_chunks_is_sold(service):
    head = (
        HEAD.format(path=service.api.purchase_path()).replace("Key: h", "Key: well-formed").encode()
    )
    chunks = b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"qua\r\nA\r\nntity": 1}\r\n0\r\n\r\n'
    assert exchange(service.port, head + chunks) == 201
    assert service.store.left("surfer-t-shirt") == 9


def test_random_requests_never_crash_it(service):
    draw = random.Random(service.api.VERSION)
    alphabet = string.ascii_letters + string.digits + "-._~!$&'()*+,;=:@/%?#[]"
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get")
    for _ in range(400):
        path = "".join(draw.choices(alphabet, k=draw.randrange(60)))
        if draw.random() < 0.5:
            path = service.api.LIST.lstrip("/") + "/" + path
        name = "X-" + "".join(draw.choices(string.ascii_letters, k=8))
        header = "".join(chr(draw.randrange(0x20, 0x100)) for _ in range(draw.randrange(80)))
        reply = service.call(draw.choice(methods), "/" + path, headers={name: header})
        assert reply.status < 500, path
    assert service.store.left("surfer-t-shirt") == 10
