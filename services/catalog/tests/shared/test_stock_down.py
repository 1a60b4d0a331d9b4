"""Pages and JSON for shoppers while stock is down, slow or incomprehensible."""

import pytest

JSON = "application/json"
BREAK = (
    "The shop is taking a break",
    "Our stockroom does not answer right now. Please try again in a moment.",
)
FORM = {"quantity": "3", "key": "key-of-the-form"}


@pytest.fixture
def shop(bad_shop):
    """A shop in front of `bad_stock`."""
    return bad_shop()


def test_a_stock_that_is_away_gives_a_friendly_page(bad_stock, shop):
    bad_stock.script = [bad_stock.http("", "503 Busy")]
    page = shop.get("/")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "<h1>The shop is taking a break</h1>" in page.text


def test_a_stock_that_is_away_gives_json(bad_stock, shop):
    bad_stock.script = [bad_stock.http('{"error": "Argh!!!"}', "500 Oops")]
    answer = shop.get(shop.path("x"), JSON)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json() == shop.api.error_document(503, *BREAK)
    assert "Argh" not in answer.text


@pytest.mark.parametrize("trouble", ["hang", "trickle"])
def test_a_slow_stock_gives_an_answer_anyway(bad_stock, impatient_shop, trouble):
    bad_stock.script = [getattr(bad_stock, trouble)]
    assert impatient_shop().get("/").status_code == 503


@pytest.mark.parametrize("body", ["<html>", '{"items": 7}', "[" * 60_000, "[7]"])
def test_an_unreadable_answer_gives_a_page_too(bad_stock, shop, body):
    bad_stock.script = [bad_stock.http(body)]
    page = shop.get("/")
    assert page.status_code == 502
    assert "taking a break" in page.text


# Not part of the contract of a read. 404 is, and those above 499 are failures.
STATUSES = [101, 204, 206, 301, 302, 304, 307, 400, 401, 403, 405, 406, 408, 409, 410, 411, 413]
STATUSES += [414, 415, 417, 421, 422, 429, 431, 451]


def answers_to(bad_stock, ask):
    """The response of catalog for each of these statuses of stock."""
    for status in STATUSES:
        bad_stock.script = [bad_stock.http("", f"{status} So")]
        yield status, ask()


@pytest.mark.parametrize("path", ["/", None], ids=["list", "find"])
def test_a_status_that_makes_no_sense_for_a_read_gives_a_page(bad_stock, shop, path):
    for status, page in answers_to(bad_stock, lambda: shop.get(path or shop.path("x"))):
        assert (page.status_code, page.headers["Retry-After"]) == (502, "5"), status
        assert "<h1>The shop is taking a break</h1>" in page.text


@pytest.mark.parametrize("path", ["/", None], ids=["list", "find"])
def test_a_status_that_makes_no_sense_for_a_read_gives_json(bad_stock, shop, path):
    for status, answer in answers_to(bad_stock, lambda: shop.get(path or shop.path("x"), JSON)):
        assert (answer.status_code, answer.headers["Retry-After"]) == (502, "5"), status
        assert answer.json() == shop.api.error_document(502, *BREAK)


def test_an_order_is_refused_only_by_a_status_that_says_so(bad_stock, shop):
    for status, answer in answers_to(bad_stock, lambda: shop.buy("x", JSON, json={"quantity": 1})):
        assert answer.status_code == shop.api.REFUSED.get(status, 502), status


def test_the_page_about_an_order_is_clean_too(bad_stock, shop):
    # A page about a refusal shows the t-shirt too, which this stock does not give.
    for status, page in answers_to(bad_stock, lambda: shop.buy("x", data=FORM)):
        assert (page.status_code, page.headers["Retry-After"]) == (502, "5"), status
        assert "<h1>The shop is taking a break</h1>" in page.text


def test_a_list_that_is_nowhere_is_no_missing_t_shirt(bad_stock, shop):
    bad_stock.script = [bad_stock.http("", "404 Not Found")]
    assert shop.get("/").status_code == 502
    assert shop.get(shop.path("x")).status_code == 404


def test_a_purchase_that_went_through_stays_good_news(bad_stock, shop):
    bad_stock.script = [bad_stock.http("", "503 Busy")]
    page = shop.get(f"{shop.path('x')}?bought=2")
    assert page.status_code == 503
    assert "You bought 2." in page.text


def test_calls_carry_the_request_s_id_and_trace(bad_stock, shop):
    bad_stock.script = [bad_stock.http(shop.api.EMPTY_STOCK)]
    trace = "0af7651916cd43dd8448eb211c80319c"
    sent = {"X-Request-Id": "abc-1", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    assert shop.get("/", **sent).status_code == 200
    assert "X-Request-Id: abc-1\r\n" in bad_stock.heads[0]
    assert f"traceparent: 00-{trace}-" in bad_stock.heads[0]
    assert "User-Agent: catalog/9.8.7\r\n" in bad_stock.heads[0]


def test_every_outcome_of_every_call_is_counted_from_the_start(bad_stock, shop):
    bad_stock.script = [
        bad_stock.http("", "500 Oops"),
        bad_stock.http("", "404 Not Found"),
        bad_stock.hang,
    ]
    shop.get("/")
    shop.get(shop.path("x"))
    shop.buy("x", data=FORM)
    counts = shop.remote_calls()
    calls, outcomes = ("list", "find", "purchase"), {"ok", "unreachable"}
    outcomes |= {"client_error", "server_error", "timeout"}
    assert counts.keys() == {(call, outcome) for call in calls for outcome in outcomes}
    assert {key for key, count in counts.items() if count} == {
        ("list", "server_error"),
        ("find", "client_error"),
        ("purchase", "timeout"),
    }
