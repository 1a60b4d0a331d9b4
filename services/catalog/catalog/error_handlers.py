"""What shoppers are told when something goes wrong."""

import logging

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from .flash import bought
from .orders import Form
from .pages import Pages
from .stock_errors import NoSuchTShirt, StockUnavailable, StockUnreadable

RETRY_AFTER = "5"
KEPT = {"Allow", "Retry-After"}
# For shoppers; what the HTTP library has to say about these is for developers.
WORDS = {
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


def init_app(app: Flask, pages: Pages) -> None:
    """Answers every error that a view does not handle; `pages` gives the answer its form."""

    def http_failure(error: HTTPException) -> Response:
        status = error.code or 500
        if error.response is not None or status < 400:
            return error.get_response()
        heading, advice = WORDS.get(status, (error.name, "Please go back and try again."))
        if status < 500 and error.description != type(error).description:
            advice = error.description or advice
        answer = pages.failure(status, heading, advice)
        answer.headers.extend((k, v) for k, v in error.get_headers() if k in KEPT)
        return answer

    def no_such_t_shirt(error: NoSuchTShirt) -> Response:
        return pages.failure(
            404, "We do not have this t-shirt", "It may have had another name, or it is gone."
        )

    def unavailable(error: StockUnavailable) -> Response:
        return stock_failure(
            pages, error, "Our stockroom does not answer right now. Please try again in a moment."
        )

    app.register_error_handler(HTTPException, http_failure)
    app.register_error_handler(NoSuchTShirt, no_such_t_shirt)
    app.register_error_handler(StockUnavailable, unavailable)


def stock_failure(
    pages: Pages,
    error: StockUnavailable,
    advice: str,
    *,
    form: Form | None = None,
    product: str | None = None,
) -> Response:
    """502 for an answer that we cannot read, otherwise 503, both with Retry-After."""
    log.warning("stock: %s: %s", type(error).__name__, error)
    status = 502 if isinstance(error, StockUnreadable) else 503
    # A purchase that went through stays good news, even if the page after it cannot be shown.
    answer = pages.failure(
        status, "The shop is taking a break", advice, notice=bought(), form=form, product=product
    )
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def please_repeat(pages: Pages, form: Form, product: str) -> Response:
    """409 for a form of the other version: what it asked for may mean something else here.

    Nothing is wrong with this version: of the 4xx, a shift of traffic leaves out those that say so.
    """
    return pages.failure(
        409,
        "Please repeat your order",
        "The shop has changed while you were looking at it. Nothing was bought.",
        form=form,
        product=product,
    )
