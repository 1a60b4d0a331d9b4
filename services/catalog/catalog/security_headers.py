"""What browsers are told and asked, so that a page of ours is only ever used as one.

There are no sessions and no cookies, so another site that makes a shopper's browser post a form
gains nothing that it could not do by itself. Checking a form's origin costs little, and still holds
when the shop is reachable by its shoppers only.
"""

from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: browsers would send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def init_app(app: Flask) -> None:
    """Adds the headers to every response, and keeps everything but static files out of caches."""
    app.after_request(_protect)


def refuse_other_sites() -> None:
    """Raises Forbidden when a browser says that the request was made by a page of another site."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = origin is None or _host(origin) == request.host
    if not ours:
        raise Forbidden("Orders are only taken from this shop's own pages.")


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    return response
