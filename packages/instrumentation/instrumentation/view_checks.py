"""Faults for rehearsals: a delay and a share of errors, switched on while the service runs."""

import threading
from typing import Any

from werkzeug.exceptions import InternalServerError

DELAY_AT_MOST = 60.0


class InjectedFault(InternalServerError):
    """Raised in place of a view, so that it reaches the client in the service's own error shape."""

    description = "an error was injected for a rehearsal"


class Faults:
    """The switch: `delay` in seconds (0 to 60) and `errors` as a share of requests (0 to 1)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._set(0.0, 0.0)

    def clear(self) -> None:
        """Switch all faults off; requests that are being delayed go on at once."""
        self._set(0.0, 0.0)

    def change(self, wanted: dict[str, Any]) -> None:
        """Replace the faults; what `wanted` does not name is 0. Raises ValueError, one line."""
        unknown = sorted(wanted.keys() - {"delay", "errors"})
        if unknown:
            raise ValueError(f"unknown fault {unknown[0][:40]!r}: known are delay and errors")
        delay = _number(wanted, "delay", DELAY_AT_MOST)
        self._set(delay, _number(wanted, "errors", 1.0))

    def state(self) -> dict[str, float]:
        """The faults as they are now."""
        return {"delay": self._delay, "errors": self._errors}

    def strike(self) -> None:
        """Delay this request, then raise InjectedFault if it is one of those that fail."""
        if self._delay:
            self._changed.wait(self._delay)
        if self._errors and self._is_due():
            raise InjectedFault

    def _is_due(self) -> bool:
        # Spread evenly instead of drawn at random: 0.5 fails every second request, exactly.
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


def _number(wanted: dict[str, Any], name: str, highest: float) -> float:
    value = wanted.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} must be a number")
    if not 0 <= value <= highest:
        raise ValueError(f"{name} must be from 0 to {highest:g}")
    return float(value)
