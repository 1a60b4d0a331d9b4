"""Errors as version 2 tells them: `application/problem+json` (RFC 9457)."""

import json
from http import HTTPStatus

from flask import Response


def problem(status: int, detail: str) -> Response:
    """A problem of no type of its own: `title` is the status in words, `detail` what happened."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return Response(json.dumps(body), status, content_type="application/problem+json")
