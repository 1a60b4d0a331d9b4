"""Headers, caches, content negotiation, and who may send an order."""

import re

import pytest

ORDER = {"quantity": "1"}
JSON, HTML = "application/json", "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/nowhere", "/products/surfer-t-shirt"])
def test_every_page_is_protected_and_not_kept(shop, path):
    headers = shop.get(path).headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'self'", "script-src 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers


def test_pages_hold_nothing_that_the_policy_forbids(shop):
    for path in ("/", shop.path("surfer-t-shirt"), "/nowhere"):
        page = shop.get(path).text
        assert not re.search(r"<script|<style| style=| on\w+=|https?://", page)


def test_static_files_are_kept_for_ever_under_the_name_of_their_content(shop):
    files = re.findall(r'"(/static/[^"]+)"', shop.get("/").text)
    assert len(files) == 2
    for file in files:
        answer = shop.get(file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        etag = answer.headers["ETag"]
        assert shop.get(file, **{"If-None-Match": etag}).status_code == 304


def test_a_page_of_another_release_still_gets_a_style_sheet(shop):
    answer = shop.get("/static/shop.0123456789ab.css")
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("file", ["shop.css", "../app.x.py", "%2e%2e/app.x.py", "shop.x.txt"])
def test_nothing_else_is_served_as_a_file(shop, file):
    assert shop.get(f"/static/{file}").status_code == 404


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", HTML),
        ("*/*", HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        ("text/plain", HTML),
        ("application/json;q=0", HTML),
        ("application/json;q=0.5, text/html;q=0.6", HTML),
        ("q=;;,,/;q=nan", HTML),
        (JSON, JSON),
        ("APPLICATION/JSON", JSON),
        ("application/*", JSON),
        ("application/json, text/plain, */*", JSON),
        ("application/json;q=0.6, text/html;q=0.5", JSON),
        ("text/html;q=0, */*", JSON),
    ],
)
def test_the_accept_header_decides_between_page_and_json(shop, accept, media_type):
    answer = shop.get("/", accept)
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Vary"] == "Accept"


def test_who_sends_json_and_does_not_care_gets_json(shop):
    answer = shop.buy("surfer-t-shirt", "*/*", json={"quantity": 1})
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, JSON)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://[broken"},
    ],
)
def test_a_form_on_another_site_buys_nothing(shop, headers):
    answer = shop.buy("surfer-t-shirt", data=ORDER, headers=headers)
    assert answer.status_code == 403
    assert shop.inventory.left("surfer-t-shirt") == 120


def test_our_own_forms_and_programs_are_served(shop):
    own = {"Origin": shop.url}
    for headers in ({"Sec-Fetch-Site": "same-origin"} | own, {"Sec-Fetch-Site": "none"}, own, {}):
        assert shop.buy("surfer-t-shirt", data=ORDER, headers=headers).status_code == 303
    assert shop.inventory.left("surfer-t-shirt") == 116
