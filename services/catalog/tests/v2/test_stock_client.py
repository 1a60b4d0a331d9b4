"""The client of stock: repetitions, refusals, and responses that it cannot decode."""

import pytest

from catalog.stock_errors import (
    KeyReused,
    NoSuchTShirt,
    NotEnough,
    RequestRejected,
    StockUnreadable,
)

# Any other status is a response that catalog cannot use.
REFUSALS = {
    ("find", 404): NoSuchTShirt,
    ("next page", 400): RequestRejected,
    ("purchase", 400): RequestRejected,
    ("purchase", 404): NoSuchTShirt,
    ("purchase", 409): NotEnough,
    ("purchase", 413): RequestRejected,
    ("purchase", 422): KeyReused,
}
SOLD = '{"sku": "x", "quantity": 1, "remaining": 4}'


def test_a_purchase_is_repeated_under_the_same_key(bad_stock, stock_client):
    bad_stock.script = [bad_stock.http("", "503 Busy"), bad_stock.http(SOLD, "201 Created")]
    assert stock_client.purchase("x", 1, "key-number-1").remaining == 4
    assert [("Idempotency-Key: key-number-1\r\n" in head) for head in bad_stock.heads] == [True] * 2
    assert bad_stock.bodies == [b'{"quantity": 1}'] * 2


@pytest.mark.usefixtures("no_pauses")
def test_only_some_refusals_make_sense_for_a_call(stock_client, read_refusals):
    calls = {
        "list": stock_client.list,
        "next page": lambda: stock_client.list(after="token"),
        "find": lambda: stock_client.find("x"),
        "purchase": lambda: stock_client.purchase("x", 1, "key-number-1"),
    }
    assert read_refusals(calls) == REFUSALS


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
def test_other_responses_are_unreadable(bad_stock, stock_client, body):
    bad_stock.script = [bad_stock.http(body)]
    with pytest.raises(StockUnreadable):
        stock_client.list()
