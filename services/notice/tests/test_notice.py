"""Responses of a host without a version, to programs and to browsers."""

from collections.abc import Callable

import pytest
import requests

Ask = Callable[..., requests.Response]

GONE, UNEXPLAINED = "catalog.v1.shop.localhost", "stock.v1.shop.localhost"
MERGED = "shop.localhost:8080"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/product/t-shirt/x?y=1", "/livez", "/openapi.json"])
def test_a_version_that_is_gone_says_so_everywhere_and_names_its_successor(
    ask: Ask, method: str, path: str
) -> None:
    answer = ask(GONE, path, method)
    assert answer.status_code == 410
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "detail": "Version 1 ended on 2026-11-23.",
        "version": 1,
        "successor-version": "http://catalog.v2.shop.localhost:8080/",
        "deprecation": "https://shop.example/v2?why=1&more",
    }
    assert answer.headers["Link"] == (
        '<http://catalog.v2.shop.localhost:8080/>; rel="successor-version", '
        '<https://shop.example/v2?why=1&more>; rel="deprecation"'
    )


@pytest.mark.parametrize("host", [f"{GONE}:8080", GONE.upper(), f"{GONE}.:8080"])
def test_a_host_is_known_however_it_is_written(ask: Ask, host: str) -> None:
    assert ask(host).status_code == 410


def test_a_version_that_is_gone_says_so_to_clients_that_pin_it_twice(ask: Ask) -> None:
    assert ask(GONE, **{"API-Version": "1,1"}).status_code == 410


def test_without_a_successor_there_is_no_link(ask: Ask) -> None:
    answer = ask(UNEXPLAINED)
    assert (answer.status_code, answer.json()["version"]) == (410, 1)
    assert "Link" not in answer.headers


def test_nobody_keeps_an_answer_for_a_version_that_may_come_back(ask: Ask) -> None:
    for host in (GONE, MERGED):
        headers = ask(host).headers
        assert (headers["Cache-Control"], headers["Vary"]) == ("no-store", "Accept")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("pin", ["7", "1,1", "1, 2", ","])
def test_other_hosts_hear_which_versions_live(ask: Ask, method: str, pin: str) -> None:
    answer = ask(MERGED, "/anything", method, **{"API-Version": pin})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "Send the header API-Version once, with a version that is live: 1, 2.",
        "live": [1, 2],
    }


def test_shoppers_get_a_page_that_leads_on(ask: Ask) -> None:
    answer = ask(GONE, "/product/t-shirt/x", **BROWSER)
    assert answer.status_code == 410
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Version 1 ended on 2026-11-23." in answer.text
    assert 'href="http://catalog.v2.shop.localhost:8080/"' in answer.text
    assert 'href="https://shop.example/v2?why=1&amp;more"' in answer.text
    assert 'href=""' not in ask(UNEXPLAINED, **BROWSER).text


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("image/png", "application/problem+json"),
        ("text/html", "text/html; charset=utf-8"),
    ],
)
def test_programs_get_a_problem(ask: Ask, accept: str, expected: str) -> None:
    answer = ask(MERGED, Accept=accept)
    assert answer.headers["Content-Type"] == expected


def test_the_process_can_be_probed(ask: Ask) -> None:
    for path in ("/livez", "/readyz"):
        assert ask("127.0.0.1", path).status_code == 200
