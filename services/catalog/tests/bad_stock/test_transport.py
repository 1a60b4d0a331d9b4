"""What the clients of stock do when it is slow, broken, gone, or says strange things."""

import socket
import time

import pytest

from catalog import deadline, transport
from catalog.http_client import LARGEST_BODY
from catalog.stock_errors import (
    KeyReused,
    NoSuchTShirt,
    NotEnough,
    RequestRejected,
    StockError,
    StockFailed,
    StockHungUp,
    StockTooSlow,
    StockUnavailable,
    StockUnreachable,
    StockUnreadable,
)
from catalog.transport import ATTEMPTS, Transport
from catalog.v1.stock_client import Stock as StockV1
from catalog.v2.stock_client import Stock as StockV2

# What each call's refusals are; any other status is no answer that can be used.
REFUSALS_V1 = {
    ("find", 404): NoSuchTShirt,
    ("purchase", 400): RequestRejected,
    ("purchase", 404): NoSuchTShirt,
    ("purchase", 409): NotEnough,
    ("purchase", 413): RequestRejected,
    ("purchase", 422): RequestRejected,
}
REFUSALS_V2 = REFUSALS_V1 | {("next page", 400): RequestRejected, ("purchase", 422): KeyReused}
LIST = '{"items": [], "next": null}'
PATIENT = {"connect_timeout": 5, "read_timeout": 5, "budget": 20}
SOLD = '{"id": 1, "name": "x", "sku": "x", "quantity": 1, "remaining": 4}'


@pytest.fixture
def v1(bad_stock):
    return StockV1(bad_stock.url, Transport("catalog/9.8.7", **PATIENT))


@pytest.fixture
def v2(bad_stock):
    return StockV2(bad_stock.url, Transport("catalog/9.8.7", **PATIENT))


def test_calls_say_who_is_calling_and_share_one_connection(bad_stock, v2):
    bad_stock.script = [bad_stock.http(LIST)]
    for _ in range(5):
        v2.list()
    assert len(bad_stock.connections) == 1
    assert all("User-Agent: catalog/9.8.7\r\n" in head for head in bad_stock.heads)


def test_a_connection_is_not_used_for_longer_than_a_leaving_process_answers(
    bad_stock, v1, monkeypatch
):
    bad_stock.script = [bad_stock.http("[]")]
    monkeypatch.setattr(deadline, "LONGEST_USE", 0)
    for _ in range(3):
        v1.list()
    assert len(bad_stock.connections) == 3


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Busy", "504 Gateway Timeout"])
def test_a_read_is_repeated_while_stock_is_away(bad_stock, v2, status):
    bad_stock.script = [
        bad_stock.http("", status),
        bad_stock.http("", status),
        bad_stock.http(LIST),
    ]
    assert v2.list().items == ()
    assert len(bad_stock.heads) == 3


def test_a_read_is_repeated_when_the_connection_breaks(bad_stock, v1):
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[]"

    def hang_up(connection):
        connection.shutdown(socket.SHUT_RDWR)

    def cut(connection):
        connection.sendall(half)
        connection.shutdown(socket.SHUT_RDWR)

    bad_stock.script = [hang_up, cut, bad_stock.http("[]")]
    assert v1.list() == []


def test_a_read_is_given_up_after_some_attempts(bad_stock, v1):
    bad_stock.script = [bad_stock.http("", "503 Busy")]
    with pytest.raises(StockFailed):
        v1.list()
    assert len(bad_stock.heads) == ATTEMPTS


@pytest.mark.parametrize("status", ["500 Oops", "501 No"])
def test_a_failure_that_will_not_pass_is_not_repeated(bad_stock, v1, status):
    bad_stock.script = [bad_stock.http('{"error": "Argh!!!"}', status)]
    with pytest.raises(StockFailed):
        v1.find("surfer-t-shirt")
    assert len(bad_stock.heads) == 1


def test_a_purchase_of_v1_is_never_repeated(bad_stock, v1):
    bad_stock.script = [bad_stock.http("", "503 Busy"), bad_stock.http(SOLD, "201 Created")]
    with pytest.raises(StockFailed):
        v1.purchase("x", 1)
    assert len(bad_stock.heads) == 1


def test_a_purchase_of_v2_is_repeated_under_the_same_key(bad_stock, v2):
    bad_stock.script = [bad_stock.http("", "503 Busy"), bad_stock.http(SOLD, "201 Created")]
    assert v2.purchase("x", 1, "key-number-1").remaining == 4
    assert [("Idempotency-Key: key-number-1\r\n" in head) for head in bad_stock.heads] == [True] * 2
    assert bad_stock.bodies == [b'{"quantity": 1}'] * 2


def test_nobody_listening_is_unreachable():
    with socket.socket() as bound:
        # Bound all the while, or somebody else might listen there by now.
        bound.bind(("127.0.0.1", 0))
        stock = StockV1(f"http://127.0.0.1:{bound.getsockname()[1]}")
        with pytest.raises(StockUnreachable):
            stock.list()


def test_silence_is_too_slow_and_not_repeated(bad_stock):
    bad_stock.script = [bad_stock.hang]
    with pytest.raises(StockTooSlow):
        StockV2(bad_stock.url, Transport(read_timeout=0.3)).list()
    assert len(bad_stock.heads) == 1


def test_an_answer_that_trickles_in_for_ever_ends_with_the_budget(bad_stock):
    bad_stock.script = [bad_stock.trickle]
    stock = StockV1(bad_stock.url, Transport(read_timeout=5, budget=0.4))
    started = time.monotonic()
    with pytest.raises(StockTooSlow):
        stock.list()
    # The stock of this test never ends by itself: any bound at all shows that the budget did it.
    assert time.monotonic() - started < 10


def test_repetitions_end_with_the_budget(bad_stock, v1, monkeypatch):
    bad_stock.script = [bad_stock.http("", "503 Busy")]
    # The pause would end after the budget, and the first attempt is over long before.
    monkeypatch.setattr(transport, "LONGEST_FIRST_PAUSE", 3 * PATIENT["budget"])
    with pytest.raises(StockFailed):
        v1.list()
    assert len(bad_stock.heads) == 1


def test_redirects_are_not_followed(bad_stock, v1):
    elsewhere = "Location: http://127.0.0.1:1/t-shirt\r\n"
    bad_stock.script = [bad_stock.http("[]", "302 Found", headers=elsewhere)]
    with pytest.raises(StockUnreadable):
        v1.list()


def error_of(call):
    """The type of the error that a call ends with."""
    with pytest.raises(StockError) as error:
        call()
    return error.type


def refusals(bad_stock, calls):
    """Every refusal that any status makes of these calls, which have names."""
    found = {}
    # A 100 is not the answer yet.
    for status in range(101, 600):
        bad_stock.script = [bad_stock.http("", f"{status} So")]
        for name, call in calls.items():
            if not issubclass(error := error_of(call), StockUnavailable):
                found[name, status] = error
    return found


@pytest.fixture
def no_pauses(monkeypatch):
    """What is repeated is repeated at once: hundreds of calls would wait for it."""
    monkeypatch.setattr(transport, "LONGEST_FIRST_PAUSE", 0)


@pytest.mark.usefixtures("no_pauses")
def test_v1_knows_which_refusals_make_sense_for_a_call(bad_stock, v1):
    calls = {
        "list": v1.list,
        "find": lambda: v1.find("x"),
        "purchase": lambda: v1.purchase("x", 1),
    }
    assert refusals(bad_stock, calls) == REFUSALS_V1


@pytest.mark.usefixtures("no_pauses")
def test_v2_knows_which_refusals_make_sense_for_a_call(bad_stock, v2):
    calls = {
        "list": v2.list,
        "next page": lambda: v2.list(after="token"),
        "find": lambda: v2.find("x"),
        "purchase": lambda: v2.purchase("x", 1, "key-number-1"),
    }
    assert refusals(bad_stock, calls) == REFUSALS_V2


def test_cookies_are_not_kept(bad_stock, v1):
    bad_stock.script = [bad_stock.http("[]", headers="Set-Cookie: who=me\r\n")]
    v1.list()
    v1.list()
    assert "Cookie" not in "".join(bad_stock.heads)


@pytest.mark.parametrize("head", [b"200 OK", b"302 Found\r\nLocation: /t-shirt", b"404 Not Found"])
def test_an_answer_beyond_the_limit_is_not_read(bad_stock, v1, head):
    def flood(connection):
        connection.sendall(b"HTTP/1.1 " + head + b"\r\n\r\n[")
        while True:
            connection.sendall(b" " * LARGEST_BODY)

    bad_stock.script = [flood]
    with pytest.raises(StockUnreadable):
        v1.list()


@pytest.mark.parametrize(
    "answer",
    [
        b"\x16\x03\x01 this is not HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n[]",
    ],
)
def test_broken_http_is_an_answer_that_never_came(bad_stock, v1, answer):
    bad_stock.script = [answer]
    with pytest.raises(StockHungUp):
        v1.list()


T_SHIRT = '{"name": "x", "price": %s, "quantity": %s}'


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "[" * 60_000,
        "{}",
        "null",
        "[1]",
        "[{}]",
        "\udcff".encode("utf-8", "surrogatepass").decode("latin-1"),
        '[{"name": "\\ud800", "price": 1, "quantity": 1}]',
        '[{"name": "", "price": 1, "quantity": 1}]',
        '[{"name": ["x"], "price": 1, "quantity": 1}]',
        *(
            f"[{T_SHIRT % (price, 1)}]"
            for price in ("NaN", "-1", '"1"', "true", "1e999999", "1e-9999999999999999999", "null")
        ),
        *(f"[{T_SHIRT % (1, left)}]" for left in ("1.5", "-1", "true", "9" * 5000, '"1"', "null")),
    ],
)
def test_v1_refuses_what_it_cannot_read(bad_stock, v1, body):
    bad_stock.script = [bad_stock.http(body)]
    with pytest.raises(StockUnreadable):
        v1.list()


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{}",
        '{"items": {}, "next": null}',
        '{"items": [], "next": 7}',
        '{"items": [{"sku": "x", "title": "X", "price": 2, "available": 1}], "next": null}',
        '{"items": [{"sku": "x", "title": "X", "available": 1,'
        ' "price": {"amount": 2.5, "currency": "EUR"}}], "next": null}',
        '{"items": [{"sku": "x", "title": "X", "available": 1,'
        ' "price": {"amount": 2, "currency": "euro"}}], "next": null}',
    ],
)
def test_v2_refuses_what_it_cannot_read(bad_stock, v2, body):
    bad_stock.script = [bad_stock.http(body)]
    with pytest.raises(StockUnreadable):
        v2.list()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "nul\0", "line\nbreak", "\ud800", "x" * 201]
)
def test_names_that_no_path_can_hold_are_never_sent(bad_stock, v1, v2, name):
    with pytest.raises(NoSuchTShirt):
        v1.find(name)
    with pytest.raises(NoSuchTShirt):
        v2.purchase(name, 1, "key-number-1")
    assert bad_stock.heads == []


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("%2f", "%252f"),
        ("a?b#c", "a%3Fb%23c"),
        ("für dich", "f%C3%BCr%20dich"),
        ("a;b&c", "a%3Bb%26c"),
    ],
)
def test_names_are_sent_as_one_segment(bad_stock, v1, name, encoded):
    bad_stock.script = [bad_stock.http("{}", "404 Not Found")]
    with pytest.raises(NoSuchTShirt):
        v1.find(name)
    assert bad_stock.heads[0].startswith(f"GET /t-shirt/{encoded} HTTP/1.1\r\n")
