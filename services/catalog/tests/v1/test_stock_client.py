"""The client of stock: repetitions, refusals, and responses that it cannot decode."""

import pytest

from catalog.stock_errors import (
    NoSuchTShirt,
    NotEnough,
    RequestRejected,
    StockFailed,
    StockUnreadable,
)

# Any other status is a response that catalog cannot use.
REFUSALS = {
    ("find", 404): NoSuchTShirt,
    ("purchase", 400): RequestRejected,
    ("purchase", 404): NoSuchTShirt,
    ("purchase", 409): NotEnough,
    ("purchase", 413): RequestRejected,
    ("purchase", 422): RequestRejected,
}
SOLD = '{"name": "x", "quantity": 1, "remaining": 4}'
T_SHIRT = '{"name": "x", "price": %s, "quantity": %s}'


def test_a_purchase_is_never_repeated(bad_stock, stock_client):
    bad_stock.script = [bad_stock.http("", "503 Busy"), bad_stock.http(SOLD, "201 Created")]
    with pytest.raises(StockFailed):
        stock_client.purchase("x", 1)
    assert len(bad_stock.heads) == 1


@pytest.mark.usefixtures("no_pauses")
def test_only_some_refusals_make_sense_for_a_call(stock_client, read_refusals):
    calls = {
        "list": stock_client.list,
        "find": lambda: stock_client.find("x"),
        "purchase": lambda: stock_client.purchase("x", 1),
    }
    assert read_refusals(calls) == REFUSALS


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
def test_other_responses_are_unreadable(bad_stock, stock_client, body):
    bad_stock.script = [bad_stock.http(body)]
    with pytest.raises(StockUnreadable):
        stock_client.list()
