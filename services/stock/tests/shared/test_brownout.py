"""Responses that every operation may give: a brownout, a bad pin."""

import time

import pytest

from stock.app import create_app


def client(api, **settings):
    environment = {"API_VERSION": str(api.VERSION), "SERVICE_VERSION": "1.0.0"}
    # There is no database: a refused request must not reach the inventory.
    nowhere = {"DATABASE_URL": "sqlite:////nowhere/inventory.db"}
    return create_app(environment | nowhere | settings).test_client()


def message(api, answer):
    assert answer.content_type == api.ERROR_TYPE
    return api.error_message(answer.get_json(force=True))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_brownout_is_an_error_as_ever_that_says_how_long_it_lasts(api, method):
    until = int(time.time()) + 3600
    browned_out = client(api, BROWNOUT_UNTIL=str(until))
    path = api.LIST if method == "GET" else api.purchase_path("x")
    answer = browned_out.open(path, method=method, json={"quantity": 1})
    assert answer.status_code == 503
    assert message(api, answer) == "this version rehearses its end and comes back by itself"
    # One header, and not also the one of an absent database.
    [seconds] = answer.headers.getlist("Retry-After")
    assert 3500 < int(seconds) <= 3601


@pytest.mark.parametrize(
    ("name", "headers"),
    [("BrownedOut", {}), ("RepeatedVersion", {"API-Version": "1,2", "Live-Versions": "1, 2"})],
)
def test_what_every_operation_may_answer_is_described(api, name, headers):
    browned_out = client(api, BROWNOUT_UNTIL=str(int(time.time()) + 3600))
    description = browned_out.get("/openapi.json").get_json()
    described = description["components"]["responses"][name]
    answer = browned_out.get(api.LIST, headers=headers)
    example = described["content"][answer.content_type]["example"]
    assert answer.get_json(force=True) == example
    assert set(described["headers"]) <= set(answer.headers.keys())


def test_a_version_that_is_pinned_twice_is_refused(api):
    headers = {"API-Version": "1,2", "Live-Versions": "1, 2"}
    answer = client(api).get(api.LIST, headers=headers)
    assert answer.status_code == 400
    assert message(api, answer) == (
        "The header API-Version was sent more than once. Live versions: 1, 2."
    )
