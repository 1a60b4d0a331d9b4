"""A version of catalog that rehearses its end says so in its own way, to shoppers and programs."""

import time

import pytest

JSON = "application/json"


@pytest.fixture
def shop(open_catalog):
    # There is no stock: a brownout must not call it.
    until = int(time.time()) + 3600
    return open_catalog("http://127.0.0.1:1", BROWNOUT_UNTIL=until)


def test_shoppers_see_a_page_with_its_looks(shop):
    answer = shop.get("/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "<h1>This version rehearses its end</h1>" in answer.text
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert answer.headers["Cache-Control"] == "no-store"
    assert shop.get("/static/shop.0123456789ab.css").status_code == 200


def test_programs_get_an_error_as_ever(shop):
    answer = shop.get(shop.path("surfer-t-shirt"), JSON)
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == shop.api.ERROR_TYPE
    assert answer.json() == shop.api.error_document(
        503, "This version rehearses its end", "It comes back by itself. Nothing was bought."
    )


@pytest.mark.parametrize("accept", [JSON, "text/html"])
@pytest.mark.parametrize(
    ("name", "headers"),
    [("BrownedOut", {}), ("RepeatedVersion", {"API-Version": "1,2", "Live-Versions": "1, 2"})],
)
def test_what_every_operation_may_answer_is_described(shop, accept, name, headers):
    described = shop.get("/openapi.json").json()["components"]["responses"][name]
    answer = shop.get("/", accept, **headers)
    media_type = answer.headers["Content-Type"].partition(";")[0]
    assert media_type in described["content"]
    assert {each.lower() for each in described["headers"]} <= {*map(str.lower, answer.headers)}
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    if accept == JSON:
        assert answer.json() == described["content"][media_type]["example"]


def test_orders_buy_nothing_and_say_so(shop):
    answer = shop.buy("surfer-t-shirt", data={"quantity": "1"})
    assert answer.status_code == 503
    assert "Nothing was bought." in answer.text
    assert set(shop.remote_calls().values()) == {0}


def test_the_description_and_the_probes_go_on(shop):
    for path in ("/openapi.json", "/livez", "/readyz"):
        assert shop.get(path, JSON).status_code == 200
