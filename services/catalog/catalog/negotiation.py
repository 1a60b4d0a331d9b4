"""Whether a request is to be answered with a page or with JSON."""

from flask import request

HTML, JSON = "text/html", "application/json"


def wants_json() -> bool:
    """True when Accept prefers JSON; who does not care gets what they sent, or a page."""
    offers = (JSON, HTML) if request.mimetype == JSON else (HTML, JSON)
    return request.accept_mimetypes.best_match(offers, default=offers[0]) == JSON
