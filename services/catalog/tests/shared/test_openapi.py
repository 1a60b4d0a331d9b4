"""The shop keeps to its `/openapi.json`, in each version, for browsers and programs."""

import re

import pytest

from catalog.app import create_app
from tests.openapi_fuzz.fuzz import fetch_description, fuzz

# More than a trial can buy: sold out, it would only see refusals.
PLENTY = [("surfer-t-shirt", 20, 10**9)]
HTML, JSON = "text/html", "application/json"


def served(version):
    """The address and methods of every route of the application."""
    environ = {
        "API_VERSION": str(version),
        "SERVICE_VERSION": f"{version}.0.0",
        "STOCK_URL": "http://127.0.0.1:9",
    }
    return {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method)
        for rule in create_app(environ).url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_described_and_nothing_else(shop):
    described = {
        (path, method.upper())
        for path, item in fetch_description(shop.url)["paths"].items()
        for method in item.keys() - {"parameters"}
    }
    assert described == served(shop.version)


def test_it_carries_the_number_of_the_release(shop):
    assert fetch_description(shop.url)["info"]["version"] == "9.8.7"


def test_who_has_it_already_is_told_so(shop):
    first = shop.get("/openapi.json")
    assert (first.status_code, first.headers["Content-Type"]) == (200, JSON)
    assert first.headers["Cache-Control"] == "no-cache"
    again = shop.get("/openapi.json", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("accept", [HTML, JSON])
def test_a_refused_method_is_answered_as_described(shop, accept):
    described = fetch_description(shop.url)["components"]["responses"]["MethodNotAllowed"]
    refused = shop.browser.delete(shop.url, headers={"Accept": accept}, timeout=10)
    assert refused.status_code == 405
    assert refused.headers["Content-Type"].partition(";")[0] in described["content"]
    assert {name.lower() for name in described["headers"]} <= {*map(str.lower, refused.headers)}


@pytest.mark.parametrize("accept", [HTML, JSON])
def test_no_answer_differs_from_its_description(shop, accept):
    shop.inventory.fill(PLENTY)
    trial = fuzz(shop.url, fetch_description(shop.url), "--header", f"Accept: {accept}")
    assert trial.passed, trial.report
    # Requests that were all turned away would prove little.
    assert shop.inventory.left("surfer-t-shirt") < 10**9


@pytest.mark.parametrize("accept", [HTML, JSON])
def test_an_answer_without_stock_is_described_too(open_catalog, accept):
    shop = open_catalog("http://127.0.0.1:9")
    failed = shop.get("/", accept)
    described = fetch_description(shop.url)
    answer = described["paths"]["/"]["get"]["responses"][str(failed.status_code)]
    named = described["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    assert failed.headers["Content-Type"].partition(";")[0] in named["content"]
    assert {name.lower() for name in named["headers"]} <= {*map(str.lower, failed.headers)}
