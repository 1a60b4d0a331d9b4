"""Liveness and readiness, alike on the public port and on the management port."""

import logging
import threading
from collections.abc import Callable

from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue

PROBES = frozenset({"/livez", "/readyz"})

_log = logging.getLogger(__name__)


class Readiness:
    """The service is ready unless it drains or `ready` returns a reason."""

    def __init__(self, ready: Callable[[], str | None]) -> None:
        self.draining = threading.Event()
        self._ready = ready

    def not_ready_reason(self) -> str | None:
        """Return the reason why the service should get no requests, None if it is ready."""
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
        # Only the management port gives the reason: it may name internal systems.
        if readiness.not_ready_reason() is None:
            return jsonify(status="ready")
        return jsonify(status="not ready"), 503

    app.add_url_rule("/livez", view_func=livez)
    app.add_url_rule("/readyz", view_func=readyz)
