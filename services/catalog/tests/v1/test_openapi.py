"""Descriptions that are not true: the trial against the running service notices."""

import pytest

from tests.openapi_fuzz.fuzz import fetch_description, fuzz

JSON = "application/json"

# Each makes the description untrue in one way, seen at the front page or an order.
FRONT, BUY = "/", "/product/t-shirt/{name}/buy"
LIES = {
    "a field of another name": (
        FRONT,
        lambda d: d["components"]["schemas"]["TShirt"]["required"].append("sku"),
    ),
    "a media type left out": (
        FRONT,
        lambda d: d["paths"][FRONT]["get"]["responses"]["200"]["content"].pop(JSON),
    ),
    "a status left out": (BUY, lambda d: d["paths"][BUY]["post"]["responses"].pop("201")),
    "a header that is not sent": (
        FRONT,
        lambda d: d["components"]["headers"]["Vary"].update(schema={"const": "Cookie"}),
    ),
}


@pytest.mark.parametrize(("path", "lie"), LIES.values(), ids=list(LIES))
def test_a_description_that_is_not_true_is_found_out(shop, path, lie):
    description = fetch_description(shop.url)
    lie(description)
    options = ("--include-path", path, "--phases=examples,coverage", "--max-failures=1")
    trial = fuzz(shop.url, description, "--header", f"Accept: {JSON}", *options)
    assert not trial.passed
    assert " FAILURES " in trial.report, trial.report
