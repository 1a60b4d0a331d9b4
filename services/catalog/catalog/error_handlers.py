"""Error pages, and the same errors as JSON."""

import logging

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from .orders import OrderForm
from .pages import Pages, read_purchase_message
from .stock_errors import NoSuchTShirt, StockUnavailable, StockUnreadable

RETRY_AFTER = "5"
KEPT_HEADERS = {"Allow", "Retry-After"}
# For shoppers: the HTTP library's own descriptions are for developers.
MESSAGES = {
    400: ("We did not understand that", "Please go back and try again."),
    403: ("That is not possible from here", "Please go back and try again."),
    404: ("There is nothing here", "The page may have moved, or the address has a typo."),
    405: ("That is not possible here", "This address does not work that way."),
    413: ("That is too much", "This shop has no use for a request of that size."),
    415: ("We cannot read that", "Orders are sent as a form or as application/json."),
    500: ("Something went wrong on our side", "It was not you. Please try again in a moment."),
    503: ("This version rehearses its end", "It comes back by itself. Nothing was bought."),
}

log = logging.getLogger(__name__)


def register_error_handlers(app: Flask, pages: Pages) -> None:
    """Answer every error that a view does not handle; `pages` renders the answers."""

    def render_http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if error.response is not None or status < 400:
            return error.get_response()
        heading, advice = MESSAGES.get(status, (error.name, "Please go back and try again."))
        if status < 500 and error.description != type(error).description:
            advice = error.description or advice
        response = pages.render_error(status, heading, advice)
        response.headers.extend((k, v) for k, v in error.get_headers() if k in KEPT_HEADERS)
        return response

    def render_no_such_t_shirt(error: NoSuchTShirt) -> Response:
        return pages.render_error(
            404, "We do not have this t-shirt", "It may have had another name, or it is gone."
        )

    def render_unavailable(error: StockUnavailable) -> Response:
        return render_stock_error(
            pages, error, "Our stockroom does not answer right now. Please try again in a moment."
        )

    app.register_error_handler(HTTPException, render_http_error)
    app.register_error_handler(NoSuchTShirt, render_no_such_t_shirt)
    app.register_error_handler(StockUnavailable, render_unavailable)


def render_stock_error(
    pages: Pages,
    error: StockUnavailable,
    advice: str,
    *,
    form: OrderForm | None = None,
    product: str | None = None,
) -> Response:
    """Return 502 for a response that catalog cannot read, otherwise 503, with Retry-After."""
    log.warning("stock: %s: %s", type(error).__name__, error)
    status = 502 if isinstance(error, StockUnreadable) else 503
    # A purchase that succeeded is still announced, even if the page after it cannot be shown.
    response = pages.render_error(
        status,
        "The shop is taking a break",
        advice,
        flash=read_purchase_message(),
        form=form,
        product=product,
    )
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def ask_to_repeat(pages: Pages, form: OrderForm, product: str) -> Response:
    """Return 409 for a form of another version, whose fields may have another meaning here.

    It is not a failure of this version: a traffic shift does not count 409 against it.
    """
    return pages.render_error(
        409,
        "Please repeat your order",
        "The shop has changed while you were looking at it. Nothing was bought.",
        form=form,
        product=product,
    )
