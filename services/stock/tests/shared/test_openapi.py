"""The service keeps to its `/openapi.json`, in each version."""

import re

import pytest

from stock.app import create_app
from tests.openapi_fuzz.fuzz import fetch_description, fuzz

# More than a trial can buy: sold out, it would only see refusals.
PLENTY = [{"name": "surfer-t-shirt", "price": 20, "quantity": 10**9}]


@pytest.fixture
def service(api, schema, open_services):
    return open_services("sqlite", schema, api)


@pytest.fixture
def url(service):
    return f"http://127.0.0.1:{service.port}"


def served(service, environment_of):
    """The address and methods of every route of the application."""
    rules = create_app(environment_of(service.store, service.api.VERSION)).url_map.iter_rules()
    return {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method)
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_described_and_nothing_else(service, url, environment_of):
    described = {
        (path, method.upper())
        for path, item in fetch_description(url)["paths"].items()
        for method in item.keys() - {"parameters"}
    }
    assert described == served(service, environment_of)


def test_it_carries_the_number_of_the_release(api, url):
    assert fetch_description(url)["info"]["version"] == f"{api.VERSION}.0.0"


def test_who_has_it_already_is_told_so(service):
    first = service.call("GET", "/openapi.json")
    assert (first.status, first.type) == (200, "application/json")
    assert first.headers["cache-control"] == "no-cache"
    again = service.call("GET", "/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_a_refused_method_is_answered_as_described(service, url):
    described = fetch_description(url)["components"]["responses"]["MethodNotAllowed"]
    refused = service.call("DELETE", service.api.LIST)
    assert refused.status == 405
    assert refused.type in described["content"]
    assert {name.lower() for name in described["headers"]} <= refused.headers.keys()
    (example,) = (content["example"] for content in described["content"].values())
    assert refused.json().keys() == example.keys()


def test_no_answer_differs_from_its_description(service, url):
    service.store.fill(PLENTY)
    trial = fuzz(url, fetch_description(url))
    assert trial.passed, trial.report
    # Requests that were all turned away would prove little.
    assert service.store.left("surfer-t-shirt") < 10**9
