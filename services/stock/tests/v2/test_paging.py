"""Version 2's pages: bounded, opaque, and steady while t-shirts come and go."""

from base64 import urlsafe_b64encode

import pytest

SHIRTS = [{"name": f"shirt-{number:03}", "price": 10, "quantity": 1} for number in range(120)]
NAMES = [shirt["name"] for shirt in SHIRTS]


def walk(service, limit):
    names, path = [], f"/t-shirts?limit={limit}"
    for _ in range(len(SHIRTS) + 1):
        page = service.call("GET", path).json()
        assert len(page["items"]) <= limit
        names += [item["sku"] for item in page["items"]]
        if page["next"] is None:
            return names
        path = f"/t-shirts?limit={limit}&after={page['next']}"
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("limit", [7, 40, 60, 100])
def test_the_pages_together_hold_everything_once(service, limit):
    service.store.fill(SHIRTS)
    assert walk(service, limit) == NAMES


def test_a_page_has_fifty_items_unless_asked_otherwise(service):
    service.store.fill(SHIRTS)
    assert len(service.call("GET", "/t-shirts").json()["items"]) == 50


def test_a_full_last_page_has_no_next(service):
    service.store.fill(SHIRTS[:4])
    assert service.call("GET", "/t-shirts?limit=4").json()["next"] is None


def test_a_t_shirt_that_goes_between_two_pages_hides_no_other(service):
    service.store.fill(SHIRTS[:6])
    token = service.call("GET", "/t-shirts?limit=3").json()["next"]
    service.store.sql("DELETE FROM t_shirts WHERE name IN ('shirt-000', 'shirt-002')")
    page = service.call("GET", f"/t-shirts?limit=3&after={token}").json()
    assert [item["sku"] for item in page["items"]] == NAMES[3:6]


def test_a_t_shirt_that_comes_between_two_pages_is_on_the_next(service):
    service.store.fill(SHIRTS[:3])
    token = service.call("GET", "/t-shirts?limit=2").json()["next"]
    service.store.sql("DELETE FROM t_shirts WHERE name IN ('shirt-001', 'shirt-002')")
    service.store.sql("INSERT INTO t_shirts (name, price, quantity) VALUES ('new', 1, 1)")
    page = service.call("GET", f"/t-shirts?limit=2&after={token}").json()
    assert [item["sku"] for item in page["items"]] == ["new"]


@pytest.mark.parametrize(
    "limit", ["0", "101", "-1", "1.0", "", "ten", "1e2", "+5", "%D9%A5", "9" * 5000, "1_0"]
)
def test_a_limit_out_of_bounds_is_refused(service, limit):
    reply = service.call("GET", f"/t-shirts?limit={limit}")
    assert reply.status == 400
    assert "limit must be a whole number from 1 to 100" in reply.json()["detail"]


@pytest.mark.parametrize(
    "token",
    [
        "",
        "1",
        "x" * 5000,
        "%00",
        "%ED%A0%80",
        "YWZ0ZXI6MQ==",  # the right bytes, spelled otherwise
        *(
            urlsafe_b64encode(made.encode()).decode().rstrip("=")
            for made in ("after:-1", "after:0", "after:01", "after:" + "9" * 30, "before:1")
        ),
    ],
)
def test_a_token_that_was_not_given_out_is_refused(service, token):
    reply = service.call("GET", f"/t-shirts?after={token}")
    assert reply.status == 400
    assert "after must be" in reply.json()["detail"]
