"""Rehearsal faults: a switch on the internal port, never on the public one."""

from __future__ import annotations

import requests

from release.model import services
from tests.conftest import Shop


def test_a_fault_fails_the_share_of_requests_that_it_says_and_can_be_switched_off(
    both: Shop,
) -> None:
    both.make("fault", VERSION=2, SERVICE="stock", ERRORS=0.5)
    answers = [both.get("stock.v2", "/t-shirts").status_code for _ in range(10)]
    assert sorted(answers) == [200] * 5 + [500] * 5
    assert {both.get("stock.v1", "/t-shirt").status_code for _ in range(4)} == {200}
    both.make("fault", VERSION=2, SERVICE="stock", OFF=1)
    assert {both.get("stock.v2", "/t-shirts").status_code for _ in range(4)} == {200}


def test_an_injected_error_has_the_shape_of_its_version(both: Shop) -> None:
    both.make("fault", VERSION=2, SERVICE="stock", ERRORS=1)
    answer = both.get("stock.v2", "/t-shirts")
    both.make("fault", VERSION=2, SERVICE="stock", OFF=1)
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_catalog_says_that_a_failing_stock_is_away(both: Shop) -> None:
    both.make("fault", VERSION=1, SERVICE="stock", ERRORS=1)
    page = both.get("catalog.v1")
    both.make("fault", VERSION=1, SERVICE="stock", OFF=1)
    assert page.status_code == 503
    assert page.headers["Retry-After"]
    assert both.get("catalog.v1").status_code == 200


def test_the_switch_is_not_on_the_public_port(both: Shop) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert both.request(method, "stock.v2", "/fault", json={"errors": 1}).status_code in (
            404,
            405,
        )
    assert both.get("stock.v2", "/metrics").status_code == 404


def test_there_is_no_switch_where_the_chart_does_not_enable_it(shop: Shop) -> None:
    values = shop.state.parent / "values.yaml"
    values.write_text(
        "faultInjection: {enabled: false}\nstock: {faultInjection: {enabled: false}}\n"
    )
    shop.make("deploy", VERSION=2, VALUES=values)
    done = shop.make("fault", check=False, VERSION=2, SERVICE="stock", ERRORS=1)
    assert done.returncode != 0
    assert "no fault switch" in done.stderr
    url = shop.internal_url("qv2", "stock")
    assert requests.post(f"{url}/fault", json={"errors": 1}, timeout=5).status_code == 404


def test_values_that_mean_nothing_are_refused(both: Shop) -> None:
    for given, words in (
        ({"DELAY": "-1"}, "DELAY='-1'"),
        ({"DELAY": "61"}, "DELAY='61': give a number from 0 to 60"),
        ({"ERRORS": "2"}, "ERRORS='2': give a number from 0 to 1"),
        ({}, "give DELAY="),
        ({"OFF": "1", "DELAY": "1"}, "OFF=1 alone"),
        ({"OFF": "maybe"}, "give 1 or 0"),
    ):
        done = both.make("fault", check=False, VERSION=2, SERVICE="stock", **given)
        assert done.returncode != 0
        assert words in done.stderr, done.stderr
    assert (
        f"give one of {', '.join(services.NAMES)}"
        in both.make("fault", check=False, VERSION=2, SERVICE="till", OFF=1).stderr
    )
