"""A sale whose answer never arrives: version 2 asks again under the same key, and sells once."""

from secrets import token_urlsafe

import pytest
import requests


@pytest.fixture
def sell(bad_stock, v2):
    """Lets a real stock do what was asked last; its answer, as bytes."""

    def do():
        request, *lines = bad_stock.heads[-1].splitlines()
        method, path, _ = request.split()
        headers = dict(line.split(": ", 1) for line in lines)
        answer = requests.request(
            method, v2.stock_url + path, headers=headers, data=bad_stock.bodies[-1], timeout=10
        )
        return bad_stock.http(answer.text, f"{answer.status_code} Whatever")

    return do


@pytest.fixture
def order(bad_shop):
    """Sends the same form again and again to one catalog of version 2."""
    shop, form = bad_shop(2), {"quantity": "2", "key": token_urlsafe()}
    return lambda: shop.buy("surfer-t-shirt", data=form)


@pytest.mark.parametrize("status", [None, 502, 503, 504])
def test_v2_repeats_a_lost_purchase_and_sells_once(bad_stock, order, sell, v2, status):
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
    assert v2.inventory.left("surfer-t-shirt") == 118


def test_v2_sells_once_when_the_shopper_repeats_what_failed(bad_stock, order, sell, v2):
    bad_stock.script = [lambda connection: sell()]
    assert order().status_code == 503
    bad_stock.script = [lambda connection: connection.sendall(sell())]
    assert order().status_code == 303
    assert v2.inventory.left("surfer-t-shirt") == 118
