"""The end of a version: one date, wherever a shopper, a program or an alert looks for it."""

import re

import pytest

NOBODY = "http://127.0.0.1:1"
SUCCESSOR = "http://catalog.v2.shop.localhost:8080/"
ANNOUNCED = {
    "DEPRECATION": 1795392000,
    "DEPRECATION_LINK": "https://shop.example/why?a=1&b=2",
    "SUCCESSOR_URL": SUCCESSOR,
}


@pytest.mark.parametrize(
    ("day", "words", "header", "seconds"),
    [
        ("2027-03-01", "1 March 2027", "Mon, 01 Mar 2027 00:00:00 GMT", 1803859200),
        ("2027-12-31", "31 December 2027", "Fri, 31 Dec 2027 00:00:00 GMT", 1830211200),
    ],
)
def test_one_date_changes_everything_that_tells_it(open_catalog, day, words, header, seconds):
    shop = open_catalog(NOBODY, SUNSET=day, **ANNOUNCED)
    page = shop.get("/nowhere")
    assert page.headers["Sunset"] == header
    assert f'ends on <time datetime="{day}">{words}</time>' in page.text
    description = shop.get("/openapi.json").json()
    operations = [
        part
        for path in description["paths"].values()
        for name, part in path.items()
        if name in {"get", "post"}
    ]
    assert operations
    for operation in operations:
        assert (operation["deprecated"], operation["x-sunset"]) == (True, day)
    metrics = shop.browser.get(shop.metrics_url, timeout=10).text
    sunset = re.search(r"^api_sunset_timestamp_seconds (\S+)$", metrics, re.MULTILINE)
    assert float(sunset[1]) == seconds


def test_the_banner_leads_to_the_successor_and_the_reason(open_catalog):
    page = open_catalog(NOBODY, SUNSET="2027-03-01", **ANNOUNCED).get("/nowhere").text
    banner = re.search(r"<aside (.*?)</aside>", page, re.DOTALL)[1]
    assert 'aria-label="About this version"' in banner
    assert f'href="{SUCCESSOR}" rel="successor-version"' in banner
    assert 'href="https://shop.example/why?a=1&amp;b=2"' in banner


def test_without_a_date_the_banner_promises_none(open_catalog):
    page = open_catalog(NOBODY, DEPRECATION=1795392000).get("/nowhere").text
    assert "This version of the shop will end." in page
    assert "<time" not in page


def test_a_version_that_stays_has_no_banner(shop):
    assert "<aside" not in shop.get("/").text


def test_failures_and_redirects_announce_it_too(open_catalog):
    shop = open_catalog(NOBODY, **ANNOUNCED)
    answers = {path: shop.get(path) for path in ("/", shop.path("a") + "/buy", "/readyz")}
    assert [answer.status_code for answer in answers.values()] == [503, 303, 200]
    for answer in answers.values():
        assert answer.headers["Deprecation"] == "@1795392000"
        assert f'<{SUCCESSOR}>; rel="successor-version"' in answer.headers["Link"]
