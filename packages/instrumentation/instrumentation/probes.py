"""Liveness and readiness, the same truth on the public and on the internal port."""

import logging
import threading
from collections.abc import Callable

from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue

PROBES = frozenset({"/livez", "/readyz"})

_log = logging.getLogger(__name__)


class Readiness:
    """Whether the service can serve now: not while it drains, and not while `ready` objects."""

    def __init__(self, ready: Callable[[], str | None]) -> None:
        self.draining = threading.Event()
        self._ready = ready

    def objection(self) -> str | None:
        """None, or the reason why no request should be sent here."""
        if self.draining.is_set():
            return "draining"
        try:
            return self._ready()
        except Exception:
            _log.exception("the readiness check failed")
            return "the readiness check failed"


def add_probes(app: Flask, readiness: Readiness) -> None:
    """Add `GET /livez` and `GET /readyz` to the public application."""

    def livez() -> Response:
        return jsonify(status="alive")

    def readyz() -> ResponseReturnValue:
        # The reason may name what is behind the service; the internal port tells it.
        if readiness.objection() is None:
            return jsonify(status="ready")
        return jsonify(status="not ready"), 503

    app.add_url_rule("/livez", view_func=livez)
    app.add_url_rule("/readyz", view_func=readyz)
