"""Errors as version 2 tells them: `application/problem+json` (RFC 9457)."""

import json
from http import HTTPStatus

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from stock.database import one_line
from stock.errors import InventoryError


def answer_problems(app: Flask) -> None:
    """Give every error of the application this version's shape, the framework's own included."""

    @app.errorhandler(InventoryError)
    def failed(error: InventoryError) -> Response:
        if error.status >= 500:
            app.logger.error("inventory: %s", one_line(error))
        return problem(error.status, error.message)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        answer = problem(status, "internal error" if status == 500 else str(error.description))
        # What the framework knows belongs to the answer: Allow with 405, Retry-After with 503.
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def crashed(error: Exception) -> Response:
        app.logger.error("unexpected error", exc_info=error)
        return problem(500, "internal error")


def problem(status: int, detail: str) -> Response:
    """A problem of no type of its own: `title` is the status in words, `detail` what happened."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    answer = Response(json.dumps(body), status, content_type="application/problem+json")
    if status == 503:
        answer.headers["Retry-After"] = "1"
    return answer
