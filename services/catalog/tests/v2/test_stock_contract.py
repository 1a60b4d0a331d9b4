"""The contract of catalog v2 with stock v2."""

import pytest
from pact import generate, match

from catalog.stock_errors import KeyReused, NoSuchTShirt, NotEnough, RequestRejected, StockFailed
from catalog.v2.stock_client import Money, Purchase, StockItem, StockPage

JSON, PROBLEM = "application/json", "application/problem+json"
SURFER = StockItem("surfer-t-shirt", "Surfer t-shirt", Money(2000, "EUR"), 10)
TOKEN = "an-opaque-token"


def test_all_t_shirts_on_one_page(pact, stock):
    (
        pact.upon_receiving("a request for a page that holds all t-shirts")
        .given("the t-shirt stock is not empty")
        .with_request("GET", "/t-shirts")
        .with_query_parameter("limit", "24")
        .will_respond_with(200)
        .with_body({"items": some_t_shirts(), "next": None}, JSON)
    )
    with stock() as opened:
        assert opened.list(24) == StockPage((SURFER,), None)


def test_the_first_of_several_pages(pact, stock):
    (
        pact.upon_receiving("a request for a page that others follow")
        .given("the t-shirt stock is not empty")
        .with_request("GET", "/t-shirts")
        .with_query_parameter("limit", "1")
        .will_respond_with(200)
        .with_body({"items": some_t_shirts(), "next": match.str(TOKEN)}, JSON)
    )
    with stock() as opened:
        assert opened.list(1) == StockPage((SURFER,), TOKEN)


def test_the_last_of_several_pages(pact, stock):
    token = match.type(TOKEN, generator=generate.provider_state("${after}"))
    (
        pact.upon_receiving("a request for the page after another")
        .given("the first page of one t-shirt was read")
        .with_request("GET", "/t-shirts")
        .with_query_parameter("limit", "1")
        .with_query_parameter("after", token)
        .will_respond_with(200)
        .with_body({"items": some_t_shirts(), "next": None}, JSON)
    )
    with stock() as opened:
        assert opened.list(1, TOKEN) == StockPage((SURFER,), None)


def test_a_page_that_does_not_exist(pact, stock):
    (
        pact.upon_receiving("a request for a page that does not exist")
        .given("the t-shirt stock is not empty")
        .with_request("GET", "/t-shirts")
        .with_query_parameter("limit", "24")
        .with_query_parameter("after", "made-up")
        .will_respond_with(400)
        .with_body(problem(400), PROBLEM)
    )
    with stock() as opened, pytest.raises(RequestRejected):
        opened.list(24, "made-up")


def test_one_t_shirt(pact, stock):
    (
        pact.upon_receiving("a request for a t-shirt")
        .given("a t-shirt exists")
        .with_request("GET", "/t-shirts/surfer-t-shirt")
        .will_respond_with(200)
        .with_body({**described(), "sku": "surfer-t-shirt"}, JSON)
    )
    with stock() as opened:
        assert opened.find("surfer-t-shirt") == SURFER


def test_a_t_shirt_that_does_not_exist(pact, stock):
    (
        pact.upon_receiving("a request for a t-shirt that does not exist")
        .given("there is not a t-shirt with name surfer-t-shirt")
        .with_request("GET", "/t-shirts/surfer-t-shirt")
        .will_respond_with(404)
        .with_body(problem(404), PROBLEM)
    )
    with stock() as opened, pytest.raises(NoSuchTShirt):
        opened.find("surfer-t-shirt")


def test_a_failure(pact, stock):
    (
        pact.upon_receiving("a request for a t-shirt that fails")
        .given("an error occurs retrieving a t-shirt")
        .with_request("GET", "/t-shirts/surfer-t-shirt")
        .will_respond_with(500)
        .with_body({**problem(500), "detail": "Argh!!!"}, PROBLEM)
    )
    with stock() as opened, pytest.raises(StockFailed) as failure:
        opened.find("surfer-t-shirt")
    assert failure.value.status == 500


def test_a_purchase(pact, stock):
    purchase_of(pact, "a purchase", quantity=2, key=match.regex("a-new-key", regex="[!-~]+")).given(
        "a t-shirt exists"
    ).will_respond_with(201).with_body(sold(), JSON)
    with stock() as opened:
        assert opened.purchase("surfer-t-shirt", 2, "a-new-key") == Purchase("surfer-t-shirt", 2, 8)


def test_a_repeated_purchase_sells_nothing_more(pact, stock):
    already_bought(
        purchase_of(pact, "a purchase that is repeated under its key", quantity=2, key="a-used-key")
    ).will_respond_with(201).with_body(sold(), JSON)
    with stock() as opened:
        repeated = opened.purchase("surfer-t-shirt", 2, "a-used-key")
    assert repeated == Purchase("surfer-t-shirt", 2, 8)


def test_another_purchase_under_a_used_key(pact, stock):
    already_bought(
        purchase_of(pact, "another purchase under a used key", quantity=3, key="a-used-key")
    ).will_respond_with(422).with_body(problem(422), PROBLEM)
    with stock() as opened, pytest.raises(KeyReused):
        opened.purchase("surfer-t-shirt", 3, "a-used-key")


def test_a_purchase_of_more_than_is_left(pact, stock):
    purchase_of(pact, "a purchase of more than is left", quantity=2, key="a-new-key").given(
        "one t-shirt is left"
    ).will_respond_with(409).with_body(problem(409), PROBLEM)
    with stock() as opened, pytest.raises(NotEnough):
        opened.purchase("surfer-t-shirt", 2, "a-new-key")


def test_a_purchase_of_a_t_shirt_that_does_not_exist(pact, stock):
    purchase_of(
        pact, "a purchase of a t-shirt that does not exist", quantity=2, key="a-new-key"
    ).given("there is not a t-shirt with name surfer-t-shirt").will_respond_with(404).with_body(
        problem(404), PROBLEM
    )
    with stock() as opened, pytest.raises(NoSuchTShirt):
        opened.purchase("surfer-t-shirt", 2, "a-new-key")


def described():
    return {
        "sku": match.str("surfer-t-shirt"),
        "title": match.str("Surfer t-shirt"),
        "price": {
            "amount": match.integer(2000),
            "currency": match.regex("EUR", regex="[A-Z]{3}"),
        },
        "available": match.integer(10),
    }


def some_t_shirts():
    return match.each_like(described(), min=1)


def problem(status):
    return {"title": match.str("What happened"), "status": status, "detail": match.str("Why")}


def sold():
    # All three are literal: after 2 of 10, 8 are left, also when the purchase is sent again.
    return {"sku": "surfer-t-shirt", "quantity": 2, "remaining": 8}


def purchase_of(pact, description, quantity, key):
    return (
        pact.upon_receiving(description)
        .with_request("POST", "/t-shirts/surfer-t-shirt/purchases")
        .with_header("Idempotency-Key", key)
        .with_body({"quantity": quantity}, JSON)
    )


def already_bought(interaction):
    parameters = {"key": "a-used-key", "quantity": 2}
    return interaction.given("t-shirts were bought under an idempotency key", **parameters)
