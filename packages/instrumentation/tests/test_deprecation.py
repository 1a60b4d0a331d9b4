"""A deprecated version says so with everything that it answers."""

from datetime import date

import pytest
from sample_service import create_app
from werkzeug.test import TestResponse

from instrumentation import Settings
from instrumentation.deprecation_headers import DeprecationNotice
from instrumentation.description import complete_description

WHY, NEXT = "https://shop.example/v2?why=1", "http://stock.v2.shop.localhost:8080/"


def get(path: str, deprecation: DeprecationNotice | None) -> TestResponse:
    app = create_app(Settings("sample", 1, "1.0.0", deprecation=deprecation))

    @app.get("/linked")
    def linked() -> tuple[str, dict[str, str]]:
        return "", {"Link": '</items>; rel="next"'}

    return app.test_client().get(path)


@pytest.mark.parametrize("path", ["/items/a", "/nowhere", "/moved", "/failure", "/livez", "/form"])
def test_every_answer_names_the_dates_the_reasons_and_the_successor(path: str) -> None:
    headers = get(path, DeprecationNotice(1795392000, date(2027, 3, 1), WHY, NEXT)).headers
    assert headers.getlist("Deprecation") == ["@1795392000"]
    assert headers.getlist("Sunset") == ["Mon, 01 Mar 2027 00:00:00 GMT"]
    assert headers.getlist("Link") == [
        f'<{NEXT}>; rel="successor-version", '
        f'<{WHY}>; rel="deprecation"; type="text/html", <{WHY}>; rel="sunset"; type="text/html"'
    ]


def test_what_is_not_announced_is_not_said() -> None:
    headers = get("/items/a", DeprecationNotice(1795392000)).headers
    assert headers["Deprecation"] == "@1795392000"
    assert not {"Sunset", "Link"} & set(headers.keys())
    without_a_day = get("/items/a", DeprecationNotice(1795392000, link=WHY)).headers
    assert without_a_day["Link"] == f'<{WHY}>; rel="deprecation"; type="text/html"'


def test_a_version_that_stays_says_nothing() -> None:
    assert not {"Deprecation", "Sunset", "Link"} & set(get("/items/a", None).headers.keys())


def test_links_of_the_application_stay() -> None:
    links = get("/linked", DeprecationNotice(1795392000, successor=NEXT)).headers.getlist("Link")
    assert links == ['</items>; rel="next"', f'<{NEXT}>; rel="successor-version"']


def test_the_description_marks_operations_and_nothing_else() -> None:
    written = {
        "info": {"title": "Sample", "version": "written"},
        "paths": {"/a": {"summary": "A", "parameters": [], "get": {}, "post": {"tags": []}}},
    }
    ending = {"deprecated": True, "x-sunset": "2027-03-01"}
    settings = Settings("sample", 1, "1.0.0", deprecation=DeprecationNotice(1, date(2027, 3, 1)))
    assert complete_description(written, settings)["paths"] == {
        "/a": {"summary": "A", "parameters": [], "get": ending, "post": {"tags": [], **ending}}
    }
    without_a_day = Settings("sample", 1, "1.0.0", deprecation=DeprecationNotice(1))
    assert complete_description(written, without_a_day)["paths"]["/a"]["get"] == {
        "deprecated": True
    }
    assert (
        complete_description(written, Settings("sample", 1, "1.0.0"))["paths"] == written["paths"]
    )
