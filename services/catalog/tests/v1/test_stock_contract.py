"""The contract of catalog v1 with stock v1."""

from decimal import Decimal

import pytest
from pact import match

from catalog.stock_errors import NoSuchTShirt, NotEnough, StockFailed
from catalog.v1.stock_client import Purchase, StockItem

JSON = "application/json"


def test_all_t_shirts(pact, stock):
    (
        pact.upon_receiving("a request for all t-shirts")
        .given("the t-shirt stock is not empty")
        .with_request("GET", "/t-shirt")
        .will_respond_with(200)
        .with_body(match.each_like(described("surfer-t-shirt"), min=1), JSON)
    )
    with stock() as opened:
        assert opened.list() == [StockItem("surfer-t-shirt", Decimal(20), 10)]


def test_one_t_shirt(pact, stock):
    (
        pact.upon_receiving("a request for a t-shirt")
        .given("a t-shirt exists")
        .with_request("GET", "/t-shirt/surfer-t-shirt")
        .will_respond_with(200)
        .with_body({**described("surfer-t-shirt"), "name": "surfer-t-shirt"}, JSON)
    )
    with stock() as opened:
        assert opened.find("surfer-t-shirt") == StockItem("surfer-t-shirt", Decimal(20), 10)


def test_a_t_shirt_that_does_not_exist(pact, stock):
    (
        pact.upon_receiving("a request for a t-shirt that does not exist")
        .given("there is not a t-shirt with name surfer-t-shirt")
        .with_request("GET", "/t-shirt/surfer-t-shirt")
        .will_respond_with(404)
        .with_body(error("no such t-shirt"), JSON)
    )
    with stock() as opened, pytest.raises(NoSuchTShirt):
        opened.find("surfer-t-shirt")


def test_a_failure(pact, stock):
    (
        pact.upon_receiving("a request for a t-shirt that fails")
        .given("an error occurs retrieving a t-shirt")
        .with_request("GET", "/t-shirt/surfer-t-shirt")
        .will_respond_with(500)
        .with_body({"error": "Argh!!!"}, JSON)
    )
    with stock() as opened, pytest.raises(StockFailed) as failure:
        opened.find("surfer-t-shirt")
    assert failure.value.status == 500


def test_a_purchase(pact, stock):
    (
        pact.upon_receiving("a purchase")
        .given("a t-shirt exists")
        .with_request("POST", "/t-shirt/surfer-t-shirt/purchase")
        .with_body({"quantity": 2}, JSON)
        .will_respond_with(201)
        .with_body(
            {"name": "surfer-t-shirt", "quantity": 2, "remaining": match.integer(8)},
            JSON,
        )
    )
    with stock() as opened:
        assert opened.purchase("surfer-t-shirt", 2) == Purchase("surfer-t-shirt", 2, 8)


def test_a_purchase_of_more_than_is_left(pact, stock):
    (
        pact.upon_receiving("a purchase of more than is left")
        .given("one t-shirt is left")
        .with_request("POST", "/t-shirt/surfer-t-shirt/purchase")
        .with_body({"quantity": 2}, JSON)
        .will_respond_with(409)
        .with_body(error("not enough t-shirts in stock"), JSON)
    )
    with stock() as opened, pytest.raises(NotEnough):
        opened.purchase("surfer-t-shirt", 2)


def test_a_purchase_of_a_t_shirt_that_does_not_exist(pact, stock):
    (
        pact.upon_receiving("a purchase of a t-shirt that does not exist")
        .given("there is not a t-shirt with name surfer-t-shirt")
        .with_request("POST", "/t-shirt/surfer-t-shirt/purchase")
        .with_body({"quantity": 2}, JSON)
        .will_respond_with(404)
        .with_body(error("no such t-shirt"), JSON)
    )
    with stock() as opened, pytest.raises(NoSuchTShirt):
        opened.purchase("surfer-t-shirt", 2)


def described(name):
    return {
        "name": match.str(name),
        "price": match.number(20),
        "quantity": match.integer(10),
    }


def error(message):
    return {"error": match.str(message)}
