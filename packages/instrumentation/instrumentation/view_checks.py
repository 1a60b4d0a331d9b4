"""Checks that run before a view and may raise in its place: injected faults and a brownout."""

import threading
from math import ceil
from time import time
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import InternalServerError, ServiceUnavailable

from .description import PATH
from .probes import PROBES
from .settings import Settings

BROWNOUT_MARK = "instrumentation.brownout"
"""The key that `refuse_during_brownout` sets in the WSGI environ of a request it refuses."""
MAX_DELAY = 60.0


class InjectedFault(InternalServerError):
    """Handled by the application's error handlers, so clients get its own error format."""

    description = "an error was injected for a rehearsal"


class BrownoutError(ServiceUnavailable):
    """Handled by the application's error handlers, so clients get its own error format."""

    description = "this version rehearses its end and comes back by itself"


class FaultInjector:
    """Faults for rehearsals: a `delay` of 0 to 60 seconds, `errors` as a share (0 to 1)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._set(0.0, 0.0)

    def replace(self, faults: dict[str, Any]) -> None:
        """Replace the faults, and release the requests that are being delayed.

        A missing fault is 0. Raise ValueError, in one line, for a bad one.
        """
        unknown = sorted(faults.keys() - {"delay", "errors"})
        if unknown:
            raise ValueError(f"unknown fault {unknown[0][:40]!r}: known are delay and errors")
        delay = _read_number(faults, "delay", MAX_DELAY)
        self._set(delay, _read_number(faults, "errors", 1.0))

    def state(self) -> dict[str, float]:
        """Return the current faults."""
        return {"delay": self._delay, "errors": self._errors}

    def inject(self) -> None:
        """Delay the current request; raise InjectedFault if it is one of those that fail."""
        if self._delay:
            self._changed.wait(self._delay)
        if self._errors and self._is_due():
            raise InjectedFault

    def _is_due(self) -> bool:
        # Spread evenly, not drawn at random: 0.5 fails exactly every second request.
        with self._lock:
            self._debt += self._errors
            due = self._debt >= 1
            self._debt -= due
            return due

    def _set(self, delay: float, errors: float) -> None:
        with self._lock:
            self._changed.set()
            self._changed = threading.Event()
            self._delay, self._errors, self._debt = delay, errors, 0.0


def add_view_checks(app: Flask, settings: Settings, faults: FaultInjector | None) -> None:
    """Run the checks that the settings ask for before every view."""
    if not settings.brownout_until and faults is None:
        return
    dispatch = app.dispatch_request

    def check_and_dispatch() -> ResponseReturnValue:
        if request.url_rule is not None and request.url_rule.rule not in PROBES:
            refuse_during_brownout(request.url_rule.rule, settings.brownout_until)
            if faults is not None:
                faults.inject()
        return dispatch()

    app.dispatch_request = check_and_dispatch  # type: ignore[method-assign]


def refuse_during_brownout(rule: str, until: int) -> None:
    """Raise BrownoutError for a route of the API until the Unix time `until`.

    The description and static files stay available: an error page needs its style sheet.
    """
    left = until - time()
    if left > 0 and rule != PATH and not rule.startswith("/static/"):
        request.environ[BROWNOUT_MARK] = True
        raise BrownoutError(retry_after=ceil(left))


def _read_number(faults: dict[str, Any], name: str, highest: float) -> float:
    value = faults.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} must be a number")
    if not 0 <= value <= highest:
        raise ValueError(f"{name} must be from 0 to {highest:g}")
    return float(value)
