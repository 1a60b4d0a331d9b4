"""Calls to a stock that is slow, broken or gone: what is repeated, and which error is raised."""

import socket
import time

import pytest

from catalog import http_client, transport
from catalog.http_client import LARGEST_BODY
from catalog.stock_errors import (
    NoSuchTShirt,
    StockFailed,
    StockHungUp,
    StockTooSlow,
    StockUnreachable,
    StockUnreadable,
)
from catalog.transport import ATTEMPTS


def test_calls_name_the_caller_and_share_one_connection(bad_stock, api, stock_client):
    bad_stock.script = [bad_stock.http(api.EMPTY_STOCK)]
    for _ in range(5):
        stock_client.list()
    assert len(bad_stock.connections) == 1
    assert all("User-Agent: catalog/9.8.7\r\n" in head for head in bad_stock.heads)


def test_a_connection_is_not_used_for_longer_than_a_leaving_process_answers(
    bad_stock, api, stock_client, monkeypatch
):
    bad_stock.script = [bad_stock.http(api.EMPTY_STOCK)]
    monkeypatch.setattr(http_client, "LONGEST_USE", 0)
    for _ in range(3):
        stock_client.list()
    assert len(bad_stock.connections) == 3


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Busy", "504 Gateway Timeout"])
def test_a_read_is_repeated_while_stock_is_away(bad_stock, api, stock_client, status):
    bad_stock.script = [
        bad_stock.http("", status),
        bad_stock.http("", status),
        bad_stock.http(api.EMPTY_STOCK),
    ]
    stock_client.list()
    assert len(bad_stock.heads) == 3


def test_a_read_is_repeated_when_the_connection_breaks(bad_stock, api, stock_client):
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[]"

    def hang_up(connection):
        connection.shutdown(socket.SHUT_RDWR)

    def cut(connection):
        connection.sendall(half)
        connection.shutdown(socket.SHUT_RDWR)

    bad_stock.script = [hang_up, cut, bad_stock.http(api.EMPTY_STOCK)]
    stock_client.list()


def test_a_read_is_given_up_after_some_attempts(bad_stock, stock_client):
    bad_stock.script = [bad_stock.http("", "503 Busy")]
    with pytest.raises(StockFailed):
        stock_client.list()
    assert len(bad_stock.heads) == ATTEMPTS


@pytest.mark.parametrize("status", ["500 Oops", "501 No"])
def test_a_failure_that_will_not_pass_is_not_repeated(bad_stock, stock_client, status):
    bad_stock.script = [bad_stock.http('{"error": "Argh!!!"}', status)]
    with pytest.raises(StockFailed):
        stock_client.find("surfer-t-shirt")
    assert len(bad_stock.heads) == 1


def test_a_port_without_a_listener_is_unreachable(connect_client):
    with socket.socket() as bound:
        # Bound all the while, or another process might listen there by now.
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(StockUnreachable):
            connect_client(f"http://127.0.0.1:{bound.getsockname()[1]}").list()


def test_silence_is_too_slow_and_not_repeated(bad_stock, connect_client):
    bad_stock.script = [bad_stock.hang]
    with pytest.raises(StockTooSlow):
        connect_client(bad_stock.url, read_timeout=0.3).list()
    assert len(bad_stock.heads) == 1


def test_an_answer_that_trickles_in_for_ever_ends_with_the_budget(bad_stock, connect_client):
    bad_stock.script = [bad_stock.trickle]
    started = time.monotonic()
    with pytest.raises(StockTooSlow):
        connect_client(bad_stock.url, read_timeout=5, budget=0.4).list()
    # The stock of this test never ends by itself: any bound at all shows that the budget did it.
    assert time.monotonic() - started < 10


def test_repetitions_end_with_the_budget(bad_stock, stock_client, monkeypatch):
    bad_stock.script = [bad_stock.http("", "503 Busy")]
    # The pause would end after the budget, and the first attempt is over long before.
    monkeypatch.setattr(transport, "LONGEST_FIRST_PAUSE", 60)
    with pytest.raises(StockFailed):
        stock_client.list()
    assert len(bad_stock.heads) == 1


def test_redirects_are_not_followed(bad_stock, api, stock_client):
    elsewhere = "Location: http://127.0.0.1:1/t-shirt\r\n"
    bad_stock.script = [bad_stock.http(api.EMPTY_STOCK, "302 Found", headers=elsewhere)]
    with pytest.raises(StockUnreadable):
        stock_client.list()


def test_cookies_are_not_kept(bad_stock, api, stock_client):
    bad_stock.script = [bad_stock.http(api.EMPTY_STOCK, headers="Set-Cookie: who=me\r\n")]
    stock_client.list()
    stock_client.list()
    assert "Cookie" not in "".join(bad_stock.heads)


@pytest.mark.parametrize("head", [b"200 OK", b"302 Found\r\nLocation: /t-shirt", b"404 Not Found"])
def test_an_answer_beyond_the_limit_is_not_read(bad_stock, stock_client, head):
    def flood(connection):
        connection.sendall(b"HTTP/1.1 " + head + b"\r\n\r\n[")
        while True:
            connection.sendall(b" " * LARGEST_BODY)

    bad_stock.script = [flood]
    with pytest.raises(StockUnreadable):
        stock_client.list()


@pytest.mark.parametrize(
    "answer",
    [
        b"\x16\x03\x01 this is not HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n[]",
    ],
)
def test_broken_http_is_a_broken_connection(bad_stock, stock_client, answer):
    bad_stock.script = [answer]
    with pytest.raises(StockHungUp):
        stock_client.list()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "nul\0", "line\nbreak", "\ud800", "x" * 201]
)
def test_names_that_no_path_can_hold_are_never_sent(bad_stock, stock_client, name):
    with pytest.raises(NoSuchTShirt):
        stock_client.find(name)
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
def test_names_are_sent_as_one_segment(bad_stock, stock_client, name, encoded):
    bad_stock.script = [bad_stock.http("{}", "404 Not Found")]
    with pytest.raises(NoSuchTShirt):
        stock_client.find(name)
    assert bad_stock.heads[0].partition(" HTTP/1.1\r\n")[0].endswith(f"/{encoded}")
