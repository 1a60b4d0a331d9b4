"""Every fault of a shop is counted by its clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from load import client_types
from load.browser import Browser
from load.client_types import Hosts
from load.stats import Recorder
from load.traffic import Traffic
from tests.conftest import eventually
from tests.traffic.small_shop import SmallShop, small_shop

V1, V2, BROWSERS = "v1-clients", "v2-clients", "browsers"


@pytest.fixture
def shop() -> Iterator[SmallShop]:
    with small_shop() as shop:
        yield shop


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that give up soon, for the tests that make them wait."""
    monkeypatch.setattr("load.client.LIMIT", 1.0)


def visited(shop: SmallShop, *mix: str, rate: float = 100, seconds: float = 1) -> Recorder:
    """Return the results of these types of clients."""
    traffic = Traffic(client_types.make_mix(shop.gateway, Hosts(True, (1, 2)), mix), rate, seconds)
    with traffic as record:
        eventually(lambda: traffic.is_over, what="the last answer")
    return record


def test_a_shop_that_is_well_has_no_failures_and_every_sale_is_on_record(shop: SmallShop) -> None:
    record = visited(shop, *client_types.CLIENT_TYPES, seconds=3)
    assert record.failures == []
    assert record.failed == record.repeated == 0
    assert record.requests == shop.hits.total() > 300  # browsers follow redirects at once
    sales = sum(count for asked, count in shop.hits.items() if asked.startswith("POST"))
    assert record.sold == {"plain": sales}
    assert sales > 10
    assert record.unsure == {}
    assert record.kinds[V1].versions == {1: record.kinds[V1].requests}
    assert record.kinds[V2].versions == {2: record.kinds[V2].requests}
    assert set(record.kinds[BROWSERS].versions) == {2}
    assert shop.hits["GET /static/x.css"] > 0
    assert shop.hits["GET /t-shirt"] > 0  # the warehouse's report, which has a contract


@pytest.mark.parametrize("kind", client_types.CLIENT_TYPES)
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("fails", "status 500"),
        ("is_away", "status 503"),
        ("refuses", "status 403"),
        ("is_gone", "status 410"),
        ("knows_nothing", "status 404"),
        ("closes", "the connection was refused, or broke"),
        ("breaks_off", "the connection was refused, or broke"),
        ("never_ends", "an answer of more than 2000000 bytes"),
    ],
)
def test_every_request_that_fails_is_counted(
    shop: SmallShop, kind: str, fault: str, words: str
) -> None:
    every_request_fails(shop, kind, fault, words)


@pytest.mark.parametrize("kind", client_types.CLIENT_TYPES)
@pytest.mark.parametrize(
    ("fault", "words"),
    [("hangs", "no answer within 1 s"), ("trickles", "no whole answer within 1 s")],
)
@pytest.mark.usefixtures("impatient")
def test_every_request_that_is_given_up_is_counted(
    shop: SmallShop, kind: str, fault: str, words: str
) -> None:
    every_request_fails(shop, kind, fault, words)


def every_request_fails(shop: SmallShop, kind: str, fault: str, words: str) -> None:
    shop.broken(fault)
    record = visited(shop, kind, rate=30)
    assert record.failed == record.requests == 30
    assert words in record.failures[0].words
    assert {failure.kind for failure in record.failures} == {kind}


@pytest.mark.parametrize(
    ("kind", "fault", "strikes", "words"),
    [
        (V1, "speaks_the_other_version", "GET /", "not what this client can read"),
        (V2, "speaks_the_other_version", "GET /", "not what this client can read"),
        (V2, "speaks_the_other_version", "POST", "not what this client can read"),
        (V1, "says_no_json", "GET /product", "not what this client can read"),
        (V1, "fails", "POST", "status 500"),
        (V1, "refuses", "GET /t-shirt", "stock.v1"),
        (BROWSERS, "mumbles", "GET /", "not a page of this shop"),
        (BROWSERS, "says_no_json", "GET /", "not a page"),
        (BROWSERS, "sends_round", "GET /products", "more than 5 redirects"),
        (BROWSERS, "links_nowhere", "GET /", "/gone: status 404 for a link that the shop served"),
        (BROWSERS, "knows_nothing", "GET /static", "x.css: status 404 for a link"),
        (BROWSERS, "knows_nothing", "POST", "/products/plain/buy: status 404 for a link"),
        (BROWSERS, "refuses", "POST", "status 403"),
    ],
)
def test_what_a_client_cannot_use_is_a_failure(
    shop: SmallShop, kind: str, fault: str, strikes: str, words: str
) -> None:
    shop.broken(fault, strikes)
    record = visited(shop, kind)
    assert record.failed > 0
    assert {words in failure.words for failure in record.failures} == {True}
    assert record.failed < record.requests or strikes == "GET /"


def test_an_order_without_an_answer_is_repeated_under_its_key_and_told(shop: SmallShop) -> None:
    shop.broken("closes", "POST", times=2)
    record = visited(shop, V2)
    assert record.failed == 0
    assert record.repeated == record.kinds[V2].repeated == 2
    assert len(shop.keys) - len(set(shop.keys)) == 2
    assert record.sold == {"plain": len(set(shop.keys))}
    assert record.unsure == {}


def test_an_order_is_not_repeated_for_ever(shop: SmallShop) -> None:
    shop.broken("is_away", "POST")
    record = visited(shop, V2)
    assert record.failed == len(set(shop.keys)) > 0
    assert len(shop.keys) == 3 * record.failed
    assert record.unsure == {"plain": record.failed}


@pytest.mark.parametrize("kind", [V1, BROWSERS])
def test_an_order_without_a_key_is_never_repeated(shop: SmallShop, kind: str) -> None:
    shop.broken("closes", "POST", times=1)
    record = visited(shop, kind)
    assert record.failed == 1
    assert record.repeated == 0
    assert record.unsure == {"plain": 1}


@pytest.mark.parametrize("fault", ["knows_nothing", "is_gone", "refuses_a_version"])
def test_a_host_that_no_version_is_behind_is_not_used(shop: SmallShop, fault: str) -> None:
    assert client_types.find_hosts(shop.gateway) == Hosts(is_merged=True, versions=(1, 2))
    shop.broken(fault)
    assert client_types.find_hosts(shop.gateway) == Hosts(is_merged=False, versions=())


def test_a_failing_version_is_there_all_the_same(shop: SmallShop) -> None:
    shop.broken("fails")
    assert client_types.find_hosts(shop.gateway) == Hosts(is_merged=True, versions=(1, 2))


def test_a_sold_out_t_shirt_is_no_failure(shop: SmallShop) -> None:
    shop.broken("is_sold_out", "POST")
    record = visited(shop, V1, V2)
    assert record.failed == 0
    assert record.sold == record.unsure == {}


def test_a_visitor_who_is_asked_to_repeat_an_order_does_so_once(shop: SmallShop) -> None:
    shop.broken("asks_to_repeat", "POST", times=2)
    record = Recorder([BROWSERS])
    visitor = Browser(shop.gateway, [shop.gateway.merged], 0, record)
    for _ in range(60):
        visitor.act(record.elapsed)
    visitor.leave()
    first = shop.asked.index("POST /products/plain/buy")
    assert shop.asked[first + 1].startswith("POST")
    assert not shop.asked[first + 2].startswith("POST")
    assert record.failed == 0
    assert record.sold == {"plain": shop.hits["POST /products/plain/buy"] - 2}


@pytest.mark.usefixtures("impatient")
def test_a_shop_that_hangs_does_not_slow_its_clients_down(
    shop: SmallShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("load.traffic.LIMIT", 1.0)
    shop.broken("hangs")
    record = visited(shop, V1, rate=500, seconds=2)
    assert record.failed == record.requests == 1000
    assert "not sent: every client was busy for 1 s" in {f.words for f in record.failures}


def test_waiting_for_a_free_client_counts_as_waiting(
    shop: SmallShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("load.client.LIMIT", 1.0)
    shop.broken("hangs")
    record = visited(shop, V1, rate=300)
    # 128 threads are busy for a second each; whoever is due later waits for one of them.
    assert max(record.kinds[V1].took) > 1.5


def test_a_client_that_breaks_is_a_failure_of_its_own(
    shop: SmallShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("load.browser.Page.handle_starttag", lambda *_: [].pop())
    record = visited(shop, BROWSERS)
    assert record.failed == record.requests == 100
    assert "the client itself broke: IndexError" in record.failures[0].words
