"""Turns what a view found into a response: HTML from templates compiled at start, or JSON."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response

from instrumentation import Settings

from .flash import Notice
from .negotiation import wants_json
from .orders import Form

TEMPLATES = ("front.html", "product.html", "failure.html")


class Problem(NamedTuple):
    """The JSON of an error, in the shape of one version, and its media type."""

    document: Mapping[str, Any]
    media_type: str


class Pages:
    """The pages of one version; `problem` makes its JSON from a status, a heading and advice."""

    def __init__(
        self, app: Flask, settings: Settings, problem: Callable[[int, str, str], Problem]
    ) -> None:
        environment = app.jinja_env
        environment.undefined = StrictUndefined
        environment.trim_blocks = environment.lstrip_blocks = True
        environment.globals.update(
            api_version=settings.api_version,
            service_version=settings.version,
            ending=settings.deprecation,
        )
        self._templates = {name: environment.get_template(name) for name in TEMPLATES}
        self._problem = problem

    def html(self, template: str, status: int = 200, **shown: Any) -> Response:
        """A page; `shown` is what its template needs."""
        page = self._templates[template].render(shown)
        return _negotiated(Response(page, status, content_type="text/html; charset=utf-8"))

    def json(
        self, document: object, status: int = 200, media_type: str = "application/json"
    ) -> Response:
        """A JSON document."""
        return _negotiated(Response(json.dumps(document), status, content_type=media_type))

    def failure(
        self,
        status: int,
        heading: str,
        advice: str,
        *,
        notice: Notice | None = None,
        form: Form | None = None,
        product: str | None = None,
    ) -> Response:
        """An error as JSON, or as a page that can offer a form to repeat or a link to a t-shirt."""
        if wants_json():
            problem = self._problem(status, heading, advice)
            return self.json(problem.document, status, problem.media_type)
        return self.html(
            "failure.html",
            status,
            heading=heading,
            advice=advice,
            notice=notice,
            form=form,
            product=product,
        )


def _negotiated(response: Response) -> Response:
    response.headers["Vary"] = "Accept"
    return response
