"""What only version 2 does: currencies, pages, and forms that buy once."""

import html
import re
from concurrent.futures import ThreadPoolExecutor


def key_on(page):
    """The idempotency key in a page's form."""
    return re.search(r'name="key" value="([^"]+)"', page)[1]


def test_the_list_as_json(v2):
    answer = v2.get("/", "application/json").json()
    assert answer["next"] is None
    assert answer["items"][1] == {
        "sku": "formal-t-shirt",
        "title": "Formal t-shirt",
        "price": {"amount": 3550, "currency": "EUR"},
        "available": 3,
        "href": "/products/formal-t-shirt",
    }


def test_a_long_list_has_pages(v2):
    names = [f"shirt-{number:03}" for number in range(60)]
    v2.inventory.fill([(name, 1, 1) for name in names])
    seen, path, pages = [], "/", 0
    while path:
        page = v2.get(path).text
        seen += re.findall(r'<h2><a href="/products/([^"]+)"', page)
        following = re.search(r'class="more" href="([^"]+)"', page)
        path = following and html.unescape(following[1])
        pages += 1
    assert (seen, pages) == (names, 3)


def test_the_pages_of_json_are_linked(v2):
    v2.inventory.fill([(f"shirt-{number:03}", 1, 1) for number in range(30)])
    first = v2.get("/", "application/json").json()
    second = v2.get(first["next"], "application/json").json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (24, 6, None)


def test_a_page_that_does_not_exist_is_refused(v2):
    for token in ("nonsense", "%00", "%2f..%2f", "%ff", "x" * 5000, ""):
        answer = v2.get(f"/?after={token}")
        assert answer.status_code == 400
        assert "no such page" in answer.text


def test_every_form_has_a_key_of_its_own(v2):
    path = "/products/surfer-t-shirt"
    assert key_on(v2.get(path).text) != key_on(v2.get(path).text)


def test_a_double_click_buys_once(v2):
    form = {"quantity": "2", "key": key_on(v2.get("/products/surfer-t-shirt").text)}
    with ThreadPoolExecutor(4) as clicks:
        buy = [clicks.submit(v2.buy, "surfer-t-shirt", data=form) for _ in range(4)]
    assert {click.result().headers["Location"] for click in buy} == {
        "/products/surfer-t-shirt?bought=2"
    }
    assert v2.inventory.left("surfer-t-shirt") == 118


def test_a_form_that_was_used_cannot_order_something_else(v2):
    key = key_on(v2.get("/products/surfer-t-shirt").text)
    v2.buy("surfer-t-shirt", data={"quantity": "1", "key": key})
    page = v2.buy("surfer-t-shirt", data={"quantity": "2", "key": key})
    assert page.status_code == 409
    assert "This form was already used" in page.text
    assert key_on(page.text) != key
    assert v2.inventory.left("surfer-t-shirt") == 119


def test_json_brings_its_key_in_the_header(v2):
    for _ in range(2):
        headers = {"Accept": "application/json", "Idempotency-Key": "from-a-program-1"}
        v2.buy("surfer-t-shirt", json={"quantity": 1}, headers=headers)
    assert v2.inventory.left("surfer-t-shirt") == 119


def test_a_malformed_key_is_refused(v2):
    for key in ("short", "x" * 65, "with space", "<script>", "nul\0nul\0"):
        answer = v2.buy("surfer-t-shirt", data={"quantity": "1", "key": key})
        assert answer.status_code == 400
    assert v2.inventory.left("surfer-t-shirt") == 120
