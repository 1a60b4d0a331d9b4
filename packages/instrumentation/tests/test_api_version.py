"""A client that pins a version does so once."""

import pytest
from flask import Flask
from sample_service import create_app

from instrumentation import Settings


@pytest.fixture
def app() -> Flask:
    return create_app(Settings("sample", 1, "1.2.3"))


@pytest.mark.parametrize("path", ["/items/a", "/nowhere"])
@pytest.mark.parametrize("value", ["1,1", "1,2", "1, 2", ","])
def test_a_repeated_version_is_refused_with_those_that_live(
    app: Flask, path: str, value: str
) -> None:
    headers = {"API-Version": value, "Live-Versions": "1, 2"}
    answer = app.test_client().get(path, headers=headers)
    assert answer.status_code == 400
    assert answer.json == {
        "error": "The header API-Version was sent more than once. Live versions: 1, 2."
    }


def test_the_refusal_is_counted_like_any_other_answer(app: Flask) -> None:
    app.test_client().get("/items/a", headers={"API-Version": "1,1"})
    labels = {"api_version": "1", "method": "GET", "route": "/items/<name>", "status": "400"}
    registry = app.extensions["instrumentation"].metrics.registry
    assert registry.get_sample_value("http_requests_total", labels | {"consumer": "other"}) == 1


@pytest.mark.parametrize("live", [None, "", "1, <b>", "1," * 30, "100", "1\u0661"])
def test_who_lives_is_only_said_when_the_gateway_does(app: Flask, live: str | None) -> None:
    headers = {"API-Version": "1,1"} | ({} if live is None else {"Live-Versions": live})
    answer = app.test_client().get("/items/a", headers=headers)
    assert answer.json == {"error": "The header API-Version was sent more than once."}


@pytest.mark.parametrize("value", [None, "", "1", "2", "nonsense"])
def test_a_single_one_is_the_gateways_business(app: Flask, value: str | None) -> None:
    headers = {} if value is None else {"API-Version": value}
    assert app.test_client().get("/items/a", headers=headers).status_code == 200
