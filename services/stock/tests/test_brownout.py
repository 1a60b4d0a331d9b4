"""What both versions of stock say to everybody, each in its own words: a brownout, a bad pin."""

import time

import pytest

from stock.app import create_app

LIST = {1: "/t-shirt", 2: "/t-shirts"}


def client(version, **settings):
    environment = {"API_VERSION": str(version), "SERVICE_VERSION": "1.0.0"}
    # Nobody is there: what is refused must not reach the inventory.
    nowhere = {"DATABASE_URL": "sqlite:////nowhere/inventory.db"}
    return create_app(environment | nowhere | settings).test_client()


def message(version, answer):
    if version == 1:
        assert answer.content_type == "application/json"
        return answer.get_json()["error"]
    assert answer.content_type == "application/problem+json"
    assert answer.get_json(force=True)["status"] == answer.status_code
    return answer.get_json(force=True)["detail"]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_brownout_is_an_error_as_ever_that_says_how_long_it_lasts(version, method):
    until = int(time.time()) + 3600
    browned_out = client(version, BROWNOUT_UNTIL=str(until))
    path = LIST[version] if method == "GET" else f"{LIST[version]}/x/purchase{'s' * (version - 1)}"
    answer = browned_out.open(path, method=method, json={"quantity": 1})
    assert answer.status_code == 503
    assert message(version, answer) == "this version rehearses its end and comes back by itself"
    # One, and not the second that the database's absence is given.
    [seconds] = answer.headers.getlist("Retry-After")
    assert 3500 < int(seconds) <= 3601


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("name", "headers"),
    [("BrownedOut", {}), ("RepeatedVersion", {"API-Version": "1,2", "Live-Versions": "1, 2"})],
)
def test_what_every_operation_may_answer_is_described(version, name, headers):
    browned_out = client(version, BROWNOUT_UNTIL=str(int(time.time()) + 3600))
    description = browned_out.get("/openapi.json").get_json()
    described = description["components"]["responses"][name]
    answer = browned_out.get(LIST[version], headers=headers)
    example = described["content"][answer.content_type]["example"]
    assert answer.get_json(force=True) == example
    assert set(described["headers"]) <= set(answer.headers.keys())


@pytest.mark.parametrize("version", [1, 2])
def test_a_version_that_is_pinned_twice_is_refused(version):
    headers = {"API-Version": "1,2", "Live-Versions": "1, 2"}
    answer = client(version).get(LIST[version], headers=headers)
    assert answer.status_code == 400
    assert message(version, answer) == (
        "The header API-Version was sent more than once. Live versions: 1, 2."
    )
