"""Errors as version 1 tells them: `{"error": message}`."""

from flask import Response, jsonify


def error(status: int, message: str) -> Response:
    """One line about what happened, under `error`."""
    answer = jsonify(error=message)
    answer.status_code = status
    return answer
