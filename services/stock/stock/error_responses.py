"""Error responses in the format of the version that runs."""

from collections.abc import Callable

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from .database import describe_error
from .inventory_errors import InventoryError

RenderError = Callable[[int, str], Response]
"""Makes a version's response of a status and a message."""


def register_error_handlers(app: Flask, render_error: RenderError) -> None:
    """Answer every error, also the framework's own, with `render_error`; none shows internals."""

    @app.errorhandler(InventoryError)
    def handle_inventory_error(error: InventoryError) -> Response:
        if error.status >= 500:
            app.logger.error("inventory: %s", describe_error(error))
        response = render_error(error.status, error.message)
        if error.status == 503:
            response.headers["Retry-After"] = "1"
        return response

    @app.errorhandler(HTTPException)
    def handle_http_error(error: HTTPException) -> Response:
        status = error.code or 500
        message = "internal error" if status == 500 else str(error.description)
        response = render_error(status, message)
        # The framework's own headers stay: Allow with 405, Retry-After with 503.
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def handle_unexpected_error(error: Exception) -> Response:
        app.logger.error("unexpected error", exc_info=error)
        return render_error(500, "internal error")
