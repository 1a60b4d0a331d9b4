"""Errors as version 1 tells them: `{"error": message}`."""

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from stock.database import one_line
from stock.errors import InventoryError


def answer_errors(app: Flask) -> None:
    """Give every error of the application this version's shape, the framework's own included."""

    @app.errorhandler(InventoryError)
    def failed(error: InventoryError) -> Response:
        if error.status >= 500:
            app.logger.error("inventory: %s", one_line(error))
        return _answer(error.status, error.message)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        answer = _answer(status, "internal error" if status == 500 else str(error.description))
        # What the framework knows belongs to the answer: Allow with 405, Retry-After with 503.
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def crashed(error: Exception) -> Response:
        app.logger.error("unexpected error", exc_info=error)
        return _answer(500, "internal error")


def _answer(status: int, message: str) -> Response:
    answer = jsonify(error=message)
    answer.status_code = status
    if status == 503:
        answer.headers["Retry-After"] = "1"
    return answer
