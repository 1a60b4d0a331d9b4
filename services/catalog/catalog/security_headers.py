"""Security headers, and same-origin checks for forms.

There are no sessions and no cookies, so another site that makes a shopper's browser post a form
gains nothing that it could not do by itself. The check costs little, and also holds in a network
that only shoppers reach.
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


def add_security_headers(app: Flask) -> None:
    """Add the headers to every response, and keep everything but static files out of caches."""
    app.after_request(_add_headers)


def require_same_origin() -> None:
    """Raise Forbidden if the browser says that a page of another site made the request."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        is_same_origin = site in {"same-origin", "none"}
    else:
        is_same_origin = origin is None or _host(origin) == request.host
    if not is_same_origin:
        raise Forbidden("Orders are only taken from this shop's own pages.")


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    return response
