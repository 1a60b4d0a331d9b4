"""What `/openapi.json` says is what the service does, in each version."""

import re

import pytest

from release.contracts.openapi.trial import described_at, tried
from stock.app import create_app

ROUTES = {1: "/t-shirt", 2: "/t-shirts"}
# More than a trial can buy: sold out, it would only see refusals.
PLENTY = [{"name": "surfer-t-shirt", "price": 20, "quantity": 10**9}]


@pytest.fixture(params=(1, 2))
def version(request):
    return request.param


@pytest.fixture
def service(version, shared):
    return shared("sqlite", 2, version)


@pytest.fixture
def url(service):
    return f"http://127.0.0.1:{service.port}"


def served(version, store, environment_of):
    """The address and methods of every route of the application."""
    rules = create_app(environment_of(store, version)).url_map.iter_rules()
    return {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method)
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_described_and_nothing_else(version, service, url, environment_of):
    described = {
        (path, method.upper())
        for path, item in described_at(url)["paths"].items()
        for method in item.keys() - {"parameters"}
    }
    assert described == served(version, service.store, environment_of)


def test_it_carries_the_number_of_the_release(version, url):
    assert described_at(url)["info"]["version"] == f"{version}.0.0"


def test_who_has_it_already_is_told_so(service):
    first = service.call("GET", "/openapi.json")
    assert (first.status, first.type) == (200, "application/json")
    assert first.headers["cache-control"] == "no-cache"
    again = service.call("GET", "/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_a_refused_method_is_answered_as_described(version, service, url):
    described = described_at(url)["components"]["responses"]["MethodNotAllowed"]
    refused = service.call("DELETE", ROUTES[version])
    assert refused.status == 405
    assert refused.type in described["content"]
    assert {name.lower() for name in described["headers"]} <= refused.headers.keys()
    (example,) = (content["example"] for content in described["content"].values())
    assert refused.json().keys() == example.keys()


def test_no_answer_differs_from_its_description(service, url):
    service.store.fill(PLENTY)
    trial = tried(url, described_at(url))
    assert trial.passed, trial.report
    # Requests that were all turned away would prove little.
    assert service.store.left("surfer-t-shirt") < 10**9


def schemas(description):
    return description["components"]["schemas"]


def responses(description):
    return description["components"]["responses"]


LIST, ONE, BUY = "/t-shirts", "/t-shirts/{sku}", "/t-shirts/{sku}/purchases"
# Each makes the description of version 2 untrue in one way, seen at one path.
LIES = {
    "a field of another name": (ONE, lambda d: schemas(d)["TShirt"]["required"].append("name")),
    "a field of another type": (
        LIST,
        lambda d: schemas(d)["Price"]["properties"].update(amount={"type": "string"}),
    ),
    "a status left out": (ONE, lambda d: d["paths"][ONE]["get"]["responses"].pop("404")),
    "another media type": (
        ONE,
        lambda d: responses(d)["NotFound"].update(content={"application/json": {}}),
    ),
    "a header that is not sent": (
        LIST,
        lambda d: d["paths"][LIST]["get"]["responses"]["200"]["headers"].update(
            Link={"required": True, "schema": {"type": "string"}}
        ),
    ),
    "a parameter with a narrower bound": (
        LIST,
        lambda d: d["paths"][LIST]["get"]["parameters"][0]["schema"].update(maximum=5),
    ),
    "a narrower bound": (
        BUY,
        lambda d: schemas(d)["Order"]["properties"]["quantity"].update(maximum=5),
    ),
    "a wider bound": (
        BUY,
        lambda d: schemas(d)["Order"]["properties"]["quantity"].update(maximum=10**7),
    ),
    "a key that is not needed": (
        BUY,
        lambda d: d["paths"][BUY]["post"]["parameters"][0].update(required=False),
    ),
    "a method that is missing": (BUY, lambda d: d["paths"][BUY].update(get=d["paths"][ONE]["get"])),
}


@pytest.mark.parametrize(("path", "lie"), LIES.values(), ids=list(LIES))
def test_a_description_that_is_not_true_is_found_out(shared, path, lie):
    service = shared("sqlite", 2, 2)
    service.store.fill(PLENTY)
    url = f"http://127.0.0.1:{service.port}"
    told = described_at(url)
    lie(told)
    one_path = f"--include-path={path}"
    trial = tried(url, told, one_path, "--phases=examples,coverage", "--max-failures=1")
    assert not trial.passed
    assert " FAILURES " in trial.report, trial.report
