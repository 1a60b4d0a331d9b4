"""Version 2's wire contract, except paging and keys, which have files of their own."""

import pytest

PURCHASES = "/t-shirts/surfer-t-shirt/purchases"


def test_the_list_holds_items_with_money_in_minor_units(service):
    reply = service.call("GET", "/t-shirts")
    assert (reply.status, reply.type) == (200, "application/json")
    assert reply.json()["items"][:2] == [
        {
            "sku": "surfer-t-shirt",
            "title": "Surfer t-shirt",
            "price": {"amount": 2000, "currency": "EUR"},
            "available": 10,
        },
        {
            "sku": "formal-t-shirt",
            "title": "Formal t-shirt",
            "price": {"amount": 3550, "currency": "EUR"},
            "available": 2,
        },
    ]


def test_an_empty_inventory_is_an_empty_page(service):
    service.store.fill([])
    assert service.call("GET", "/t-shirts").json() == {"items": [], "next": None}


def test_a_t_shirt_is_found_by_its_sku(service):
    listed = service.call("GET", "/t-shirts").json()["items"][1]
    assert service.call("GET", "/t-shirts/formal-t-shirt").json() == listed


def test_a_purchase_takes_t_shirts_from_the_stock(service):
    reply = service.call("POST", PURCHASES, {"quantity": 3}, {"Idempotency-Key": "takes"})
    assert (reply.status, reply.type) == (201, "application/json")
    assert reply.json() == {"sku": "surfer-t-shirt", "quantity": 3, "remaining": 7}
    assert service.call("GET", "/t-shirts/surfer-t-shirt").json()["available"] == 7


def is_problem(reply, status):
    assert (reply.status, reply.type) == (status, "application/problem+json")
    problem = reply.json()
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    return True


def test_more_than_there_are_is_a_problem_and_sells_nothing(service):
    reply = service.call("POST", PURCHASES, {"quantity": 11}, {"Idempotency-Key": "too-many"})
    assert is_problem(reply, 409)
    assert service.store.left("surfer-t-shirt") == 10


def test_an_unknown_t_shirt_is_a_problem(service):
    assert is_problem(service.call("GET", "/t-shirts/cowboy-t-shirt"), 404)
    path = "/t-shirts/cowboy-t-shirt/purchases"
    assert is_problem(service.call("POST", path, {"quantity": 1}, {"Idempotency-Key": "who"}), 404)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("DELETE", "/t-shirts", 405), ("GET", "/t-shirt", 404)],
)
def test_the_frameworks_own_errors_are_problems_too(service, method, path, status):
    assert is_problem(service.call(method, path), status)


def test_a_refused_method_names_the_allowed_ones(service):
    allowed = service.call("PUT", PURCHASES).headers["allow"]
    assert set(allowed.split(", ")) == {"POST", "OPTIONS"}


def test_a_purchase_must_be_json_and_small(service):
    key = {"Idempotency-Key": "shape"}
    assert is_problem(service.call("POST", PURCHASES, b"quantity=1", key), 415)
    assert is_problem(service.call("POST", PURCHASES, {"quantity": 1, "x": "x" * 20_000}, key), 413)


def test_head_has_no_body_and_options_names_the_allowed_methods(service):
    head = service.call("HEAD", "/t-shirts")
    assert (head.status, head.body) == (200, b"")
    assert set(service.call("OPTIONS", PURCHASES).headers["allow"].split(", ")) == {
        "POST",
        "OPTIONS",
    }
