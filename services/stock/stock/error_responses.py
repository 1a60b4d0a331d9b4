"""Every error of the application, told in the shape of the version that runs."""

from collections.abc import Callable

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from .database import one_line
from .inventory_errors import InventoryError

Told = Callable[[int, str], Response]
"""A version's way to tell a status and what happened."""


def answer_failures(app: Flask, told: Told) -> None:
    """Give every error that shape, the framework's own included; none shows what is inside."""

    @app.errorhandler(InventoryError)
    def failed(error: InventoryError) -> Response:
        if error.status >= 500:
            app.logger.error("inventory: %s", one_line(error))
        answer = told(error.status, error.message)
        if error.status == 503:
            answer.headers["Retry-After"] = "1"
        return answer

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        answer = told(status, "internal error" if status == 500 else str(error.description))
        # What the framework knows belongs to the answer: Allow with 405, Retry-After with 503.
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def crashed(error: Exception) -> Response:
        app.logger.error("unexpected error", exc_info=error)
        return told(500, "internal error")
