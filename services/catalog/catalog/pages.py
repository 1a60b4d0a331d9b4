"""Responses of the views: HTML from templates compiled at start, or JSON."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from flask import Flask, request
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response

from instrumentation import Settings

from .orders import LARGEST_QUANTITY, OrderForm, parse_quantity

TEMPLATES = ("front.html", "product.html", "error.html")
HTML, JSON = "text/html", "application/json"
# A purchase with a form redirects to the t-shirt with this parameter, so that reloading the page
# shows the message again and does not buy again.
PURCHASE_PARAMETER = "bought"


class FlashMessage(NamedTuple):
    """A text above the content, with its ARIA role: alert interrupts, status waits."""

    role: Literal["status", "alert"]
    text: str


class ErrorDocument(NamedTuple):
    """The JSON of an error in the format of one version, and its media type."""

    content: Mapping[str, Any]
    media_type: str


class Pages:
    """The pages of one version; `format_error` makes its JSON of a status, heading and advice."""

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        format_error: Callable[[int, str, str], ErrorDocument],
    ) -> None:
        environment = app.jinja_env
        environment.undefined = StrictUndefined
        environment.trim_blocks = environment.lstrip_blocks = True
        environment.globals.update(
            api_version=settings.api_version,
            service_version=settings.version,
            deprecation=settings.deprecation,
        )
        self._templates = {name: environment.get_template(name) for name in TEMPLATES}
        self._format_error = format_error

    def render_html(self, template: str, status: int = 200, **context: Any) -> Response:
        """Return a page; `context` holds the variables of its template."""
        page = self._templates[template].render(context)
        return _vary(Response(page, status, content_type="text/html; charset=utf-8"))

    def render_json(self, document: object, status: int = 200, media_type: str = JSON) -> Response:
        """Return a JSON document."""
        return _vary(Response(json.dumps(document), status, content_type=media_type))

    def render_error(
        self,
        status: int,
        heading: str,
        advice: str,
        *,
        flash: FlashMessage | None = None,
        form: OrderForm | None = None,
        product: str | None = None,
    ) -> Response:
        """Return an error as JSON, or as a page with a form to repeat or a link to a t-shirt."""
        if wants_json():
            document = self._format_error(status, heading, advice)
            return self.render_json(document.content, status, document.media_type)
        return self.render_html(
            "error.html",
            status,
            heading=heading,
            advice=advice,
            flash=flash,
            form=form,
            product=product,
        )


def read_purchase_message() -> FlashMessage | None:
    """Return the message about the purchase that led to this page, or None without one."""
    quantity = parse_quantity(request.args.get(PURCHASE_PARAMETER, ""))
    if not 1 <= quantity <= LARGEST_QUANTITY:
        return None
    return FlashMessage("status", f"Thank you! You bought {quantity}.")


def wants_json() -> bool:
    """Return True if Accept prefers JSON, or has no preference for a request that sends JSON."""
    offers = (JSON, HTML) if request.mimetype == JSON else (HTML, JSON)
    return request.accept_mimetypes.best_match(offers, default=offers[0]) == JSON


def _vary(response: Response) -> Response:
    response.headers["Vary"] = "Accept"
    return response
