"""A sale whose answer never arrives: version 2 asks again under the same key, and sells once."""

from secrets import token_urlsafe

import pytest
import requests


@pytest.fixture
def sell(bad_stock, shop):
    """Lets a real stock handle the last request; returns the response, as bytes."""

    def do():
        request, *lines = bad_stock.heads[-1].splitlines()
        method, path, _ = request.split()
        headers = dict(line.split(": ", 1) for line in lines)
        answer = requests.request(
            method, shop.stock_url + path, headers=headers, data=bad_stock.bodies[-1], timeout=10
        )
        return bad_stock.http(answer.text, f"{answer.status_code} Whatever")

    return do


@pytest.fixture
def order(bad_shop):
    """Sends the same form again and again to one catalog."""
    catalog, form = bad_shop(), {"quantity": "2", "key": token_urlsafe()}
    return lambda: catalog.buy("surfer-t-shirt", data=form)


@pytest.mark.parametrize("status", [None, 502, 503, 504])
def test_a_lost_purchase_is_repeated_and_sells_once(bad_stock, order, sell, shop, status):
    def lose(connection):
        sell()
        if status is not None:
            connection.sendall(bad_stock.http("", f"{status} Lost"))

    bad_stock.script = [lose, lambda connection: connection.sendall(sell())]
    answer = order()
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/products/surfer-t-shirt?bought=2",
    )
    assert len(bad_stock.heads) == 2
    assert shop.inventory.left("surfer-t-shirt") == 118


def test_a_shopper_who_repeats_a_failed_order_buys_once(bad_stock, order, sell, shop):
    bad_stock.script = [lambda connection: sell()]
    assert order().status_code == 503
    bad_stock.script = [lambda connection: connection.sendall(sell())]
    assert order().status_code == 303
    assert shop.inventory.left("surfer-t-shirt") == 118
