"""Pages and JSON of version 2 alone: currencies, pages, and forms that buy once."""

import html
import re
from concurrent.futures import ThreadPoolExecutor


def key_on(page):
    """The idempotency key in a page's form."""
    return re.search(r'name="key" value="([^"]+)"', page)[1]


def test_the_list_as_json(shop):
    answer = shop.get("/", "application/json").json()
    assert answer["next"] is None
    assert answer["items"][1] == {
        "sku": "formal-t-shirt",
        "title": "Formal t-shirt",
        "price": {"amount": 3550, "currency": "EUR"},
        "available": 3,
        "href": "/products/formal-t-shirt",
    }


def test_a_long_list_has_pages(shop):
    names = [f"shirt-{number:03}" for number in range(60)]
    shop.inventory.fill([(name, 1, 1) for name in names])
    seen, path, pages = [], "/", 0
    while path:
        page = shop.get(path).text
        seen += re.findall(r'<h2><a href="/products/([^"]+)"', page)
        following = re.search(r'class="more" href="([^"]+)"', page)
        path = following and html.unescape(following[1])
        pages += 1
    assert (seen, pages) == (names, 3)


def test_the_pages_of_json_are_linked(shop):
    shop.inventory.fill([(f"shirt-{number:03}", 1, 1) for number in range(30)])
    first = shop.get("/", "application/json").json()
    second = shop.get(first["next"], "application/json").json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (24, 6, None)


def test_a_page_that_does_not_exist_is_refused(shop):
    for token in ("nonsense", "%00", "%2f..%2f", "%ff", "x" * 5000, ""):
        answer = shop.get(f"/?after={token}")
        assert answer.status_code == 400
        assert "no such page" in answer.text


def test_every_form_has_a_key_of_its_own(shop):
    path = "/products/surfer-t-shirt"
    assert key_on(shop.get(path).text) != key_on(shop.get(path).text)


def test_a_double_click_buys_once(shop):
    form = {"quantity": "2", "key": key_on(shop.get("/products/surfer-t-shirt").text)}
    with ThreadPoolExecutor(4) as clicks:
        buy = [clicks.submit(shop.buy, "surfer-t-shirt", data=form) for _ in range(4)]
    assert {click.result().headers["Location"] for click in buy} == {
        "/products/surfer-t-shirt?bought=2"
    }
    assert shop.inventory.left("surfer-t-shirt") == 118


def test_a_form_that_was_used_cannot_order_something_else(shop):
    key = key_on(shop.get("/products/surfer-t-shirt").text)
    shop.buy("surfer-t-shirt", data={"quantity": "1", "key": key})
    page = shop.buy("surfer-t-shirt", data={"quantity": "2", "key": key})
    assert page.status_code == 409
    assert "This form was already used" in page.text
    assert key_on(page.text) != key
    assert shop.inventory.left("surfer-t-shirt") == 119


def test_json_brings_its_key_in_the_header(shop):
    for _ in range(2):
        headers = {"Accept": "application/json", "Idempotency-Key": "from-a-program-1"}
        shop.buy("surfer-t-shirt", json={"quantity": 1}, headers=headers)
    assert shop.inventory.left("surfer-t-shirt") == 119


def test_a_malformed_key_is_refused(shop):
    for key in ("short", "x" * 65, "with space", "<script>", "nul\0nul\0"):
        answer = shop.buy("surfer-t-shirt", data={"quantity": "1", "key": key})
        assert answer.status_code == 400
    assert shop.inventory.left("surfer-t-shirt") == 120
