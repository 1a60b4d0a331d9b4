import re

import pytest
from flask.testing import FlaskClient
from sample_service import create_app

from instrumentation import Settings, outgoing_headers

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Settings("sample", 1, "1.2.3")).test_client()


def test_a_good_request_id_is_kept_returned_and_passed_on(client: FlaskClient) -> None:
    answer = client.get("/hops", headers={"X-Request-Id": "order-42.a"})
    assert answer.headers.getlist("X-Request-Id") == ["order-42.a"]
    assert answer.get_json()["first"]["X-Request-Id"] == "order-42.a"


@pytest.mark.parametrize("given", [None, "", "a b", "<script>", "x" * 65, "-a", "é", "a\x7f"])
def test_any_other_request_id_is_replaced(client: FlaskClient, given: str | None) -> None:
    answer = client.get("/hops", headers={} if given is None else {"X-Request-Id": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])
    assert answer.get_json()["first"]["X-Request-Id"] == answer.headers["X-Request-Id"]


def test_requests_get_different_ids(client: FlaskClient) -> None:
    assert len({client.get("/items/a").headers["X-Request-Id"] for _ in range(50)}) == 50


def test_a_trace_goes_on_with_a_span_for_each_call(client: FlaskClient) -> None:
    hops = client.get("/hops", headers={"traceparent": f"00-{TRACE}-{SPAN}-01"}).get_json()
    first, second = (hops[name]["traceparent"].split("-") for name in ("first", "second"))
    assert first[:2] == second[:2] == ["00", TRACE]
    assert first[3] == second[3] == "01"
    assert len({SPAN, first[2], second[2]}) == 3


@pytest.mark.parametrize(
    "given",
    [
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"01-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01\t",
        "nonsense" * 1000,
    ],
)
def test_a_bad_trace_is_replaced_by_one_for_the_whole_request(
    client: FlaskClient, given: str
) -> None:
    hops = client.get("/hops", headers={"traceparent": given}).get_json()
    first, second = (hops[name]["traceparent"] for name in ("first", "second"))
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-00", first)
    assert TRACE not in first
    assert first[:36] == second[:36]


def test_outside_a_request_there_is_nothing_to_pass_on() -> None:
    assert outgoing_headers() == {}
