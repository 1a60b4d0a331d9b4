"""How much time one incoming request may spend on stock, however many calls it makes."""

from time import monotonic

from flask import g, has_request_context


class Budget:
    """A time allowance per incoming request, in seconds, that starts with its first remote call."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def deadline(self) -> float:
        """When, by the clock of `monotonic`, the current request has used up its allowance."""
        if not has_request_context():
            return monotonic() + self._seconds
        if "deadline" not in g:
            g.deadline = monotonic() + self._seconds
        deadline: float = g.deadline
        return deadline
