"""The rehearsal of an end: what is refused, what goes on, who is counted, and that it ends."""

import time
from math import ceil

import pytest
from flask import Flask
from prometheus_client import CollectorRegistry
from sample_service import create_app

from instrumentation import Settings
from instrumentation.deprecation_headers import DeprecationNotice

HOUR = 3600


def browned_out(until: float, **settings: object) -> Flask:
    app = create_app(
        Settings("sample", 1, "1.0.0", brownout_until=ceil(until), **settings)  # type: ignore[arg-type]
    )
    app.add_url_rule("/openapi.json", "description", lambda: "described")
    app.add_url_rule("/static/<file>", "static", lambda file: file)
    return app


def count(app: Flask, name: str, **labels: str) -> float | None:
    registry = app.extensions["instrumentation"].metrics.registry
    assert isinstance(registry, CollectorRegistry)
    return registry.get_sample_value(name, labels)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/items/a"), ("POST", "/items/a"), ("OPTIONS", "/items/a")]
)
def test_the_api_is_refused_with_the_time_that_is_left(method: str, path: str) -> None:
    end = time.time() + HOUR
    answer = browned_out(end).test_client().open(path, method=method)
    assert answer.status_code == 503
    assert answer.json == {"error": "this version rehearses its end and comes back by itself"}
    [seconds] = answer.headers.getlist("Retry-After")
    assert end - time.time() <= int(seconds) <= HOUR + 1


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/openapi.json", "/static/shop.css"])
def test_probes_description_and_looks_go_on(path: str) -> None:
    app = browned_out(time.time() + HOUR)
    assert app.test_client().get(path).status_code == 200
    assert count(app, "http_requests_brownout_total", consumer="other") == 0


def test_what_was_never_there_is_still_not_there() -> None:
    assert browned_out(time.time() + HOUR).test_client().get("/nowhere").status_code == 404


def test_the_refusal_leads_to_the_successor() -> None:
    deprecation = DeprecationNotice(1795392000, successor="http://stock.v2.shop.localhost/")
    app = browned_out(time.time() + HOUR, deprecation=deprecation)
    headers = app.test_client().get("/items/a").headers
    assert headers["Deprecation"] == "@1795392000"
    assert headers["Link"] == '<http://stock.v2.shop.localhost/>; rel="successor-version"'


def test_those_who_called_are_known_by_name() -> None:
    app = browned_out(time.time() + HOUR, consumers=("till", "report"))
    for agent in ("till/1.0", "till/2.0", "Mozilla/5.0", "curl/8"):
        app.test_client().get("/items/a", headers={"User-Agent": agent})
    app.test_client().get("/livez", headers={"User-Agent": "report/1"})
    found = {
        consumer: count(app, "http_requests_brownout_total", consumer=consumer)
        for consumer in ("till", "report", "browser", "other")
    }
    assert found == {"till": 2, "report": 0, "browser": 1, "other": 1}
    as_ever = {"api_version": "1", "method": "GET", "route": "/items/<name>", "status": "503"}
    assert count(app, "http_requests_total", consumer="till", **as_ever) == 2


def test_it_ends_by_the_clock() -> None:
    app = browned_out(time.time() + 1)
    client = app.test_client()
    assert client.get("/items/a").status_code == 503
    deadline = time.monotonic() + 10
    while client.get("/items/a").status_code != 200:
        assert time.monotonic() < deadline, "it did not end"
        time.sleep(0.05)
    assert client.get("/items/a").status_code == 200


def test_one_that_is_over_is_none() -> None:
    app = browned_out(time.time() - 2)
    assert app.test_client().get("/items/a").status_code == 200
    assert count(app, "http_requests_brownout_total", consumer="other") == 0
