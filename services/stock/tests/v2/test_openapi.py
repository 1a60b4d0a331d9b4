"""Descriptions that are not true: the trial against the running service notices."""

import pytest

from tests.openapi_fuzz.fuzz import fetch_description, fuzz

# More than a trial can buy: sold out, it would only see refusals.
PLENTY = [{"name": "surfer-t-shirt", "price": 20, "quantity": 10**9}]


def schemas(description):
    return description["components"]["schemas"]


def responses(description):
    return description["components"]["responses"]


LIST, ONE, BUY = "/t-shirts", "/t-shirts/{sku}", "/t-shirts/{sku}/purchases"
# Each makes the description untrue in one way, seen at one path.
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
def test_a_description_that_is_not_true_is_found_out(open_services, api, schema, path, lie):
    service = open_services("sqlite", schema, api)
    service.store.fill(PLENTY)
    url = f"http://127.0.0.1:{service.port}"
    description = fetch_description(url)
    lie(description)
    one_path = f"--include-path={path}"
    trial = fuzz(url, description, one_path, "--phases=examples,coverage", "--max-failures=1")
    assert not trial.passed
    assert " FAILURES " in trial.report, trial.report
