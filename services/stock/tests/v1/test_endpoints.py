"""Version 1's wire contract. Every test runs on version 1's schema and on the expanded one."""

import pytest


def test_the_list_holds_all_t_shirts_in_insertion_order(service):
    reply = service.call("GET", "/t-shirt")
    assert (reply.status, reply.type) == (200, "application/json")
    assert [shirt["name"] for shirt in reply.json()] == [
        "surfer-t-shirt",
        "formal-t-shirt",
        "plain-t-shirt",
    ]
    assert [shirt["price"] for shirt in reply.json()] == [20, 35.5, 9.99]
    assert [shirt["quantity"] for shirt in reply.json()] == [10, 2, 0]


def test_an_empty_inventory_is_an_empty_list(service):
    service.store.fill([])
    assert service.call("GET", "/t-shirt").json() == []


def test_a_t_shirt_is_found_by_its_name(service):
    listed = service.call("GET", "/t-shirt").json()[1]
    reply = service.call("GET", "/t-shirt/formal-t-shirt")
    assert reply.status == 200
    assert reply.json() == listed
    assert listed.keys() >= {"id", "name", "price", "quantity"}


def test_a_name_may_hold_anything_that_a_url_can_carry(service):
    name = "crème brûlée & co?#100%"
    service.store.fill([{"name": name, "price": 1, "quantity": 1}])
    path = "/t-shirt/cr%C3%A8me%20br%C3%BBl%C3%A9e%20%26%20co%3F%23100%25"
    assert service.call("GET", path).json()["name"] == name
    assert service.call("POST", f"{path}/purchase", {"quantity": 1}).json()["name"] == name


def test_an_unknown_t_shirt_is_not_found(service):
    for reply in (
        service.call("GET", "/t-shirt/cowboy-t-shirt"),
        service.call("POST", "/t-shirt/cowboy-t-shirt/purchase", {"quantity": 1}),
    ):
        assert (reply.status, reply.type) == (404, "application/json")
        assert reply.json() == {"error": "no such t-shirt"}


def test_a_purchase_takes_t_shirts_from_the_stock(service):
    reply = service.call("POST", "/t-shirt/surfer-t-shirt/purchase", {"quantity": 3})
    assert reply.status == 201
    sold = service.call("GET", "/t-shirt/surfer-t-shirt").json()
    assert reply.json() == {
        "id": sold["id"],
        "name": "surfer-t-shirt",
        "quantity": 3,
        "remaining": 7,
    }
    assert sold["quantity"] == 7


def test_the_last_one_can_be_bought_and_then_no_more(service):
    assert service.call("POST", "/t-shirt/formal-t-shirt/purchase", {"quantity": 2}).status == 201
    reply = service.call("POST", "/t-shirt/formal-t-shirt/purchase", {"quantity": 1})
    assert (reply.status, reply.json()) == (409, {"error": "not enough t-shirts in stock"})


def test_more_than_there_are_is_refused_and_sells_nothing(service):
    reply = service.call("POST", "/t-shirt/surfer-t-shirt/purchase", {"quantity": 11})
    assert reply.status == 409
    assert service.store.left("surfer-t-shirt") == 10


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("DELETE", "/t-shirt", 405), ("GET", "/t-shirts", 404)],
)
def test_the_frameworks_own_errors_have_the_same_shape(service, method, path, status):
    reply = service.call(method, path)
    assert (reply.status, reply.type) == (status, "application/json")
    assert list(reply.json()) == ["error"]


def test_a_refused_method_names_the_allowed_ones(service):
    allowed = service.call("PUT", "/t-shirt/surfer-t-shirt").headers["allow"]
    assert set(allowed.split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_options_names_the_allowed_methods_and_head_has_no_body(service):
    options = service.call("OPTIONS", "/t-shirt/surfer-t-shirt/purchase")
    assert options.status == 200
    assert set(options.headers["allow"].split(", ")) == {"POST", "OPTIONS"}
    head = service.call("HEAD", "/t-shirt/surfer-t-shirt")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] != "0"


def test_a_purchase_must_be_json(service):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = service.call("POST", "/t-shirt/surfer-t-shirt/purchase", b"quantity=1", form)
    assert (reply.status, list(reply.json())) == (415, ["error"])


def test_a_body_that_is_too_large_is_refused(service):
    body = {"quantity": 1, "note": "x" * 20_000}
    reply = service.call("POST", "/t-shirt/surfer-t-shirt/purchase", body)
    assert (reply.status, list(reply.json())) == (413, ["error"])
    assert service.store.left("surfer-t-shirt") == 10
