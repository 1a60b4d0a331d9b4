"""A brownout: the rehearsal of a version's end, which ends by the clock and needs nobody."""

from math import ceil
from time import time

from flask import Request
from werkzeug.exceptions import ServiceUnavailable

from .description import PATH
from .probes import PROBES

MARK = "instrumentation.brownout"
"""Set in the environ of a request that a brownout has refused."""


class BrownedOut(ServiceUnavailable):
    """Raised in place of a view, so that it reaches the client in the service's own error shape."""

    description = "this version rehearses its end and comes back by itself"


class Brownout:
    """Refuses every route of the API until that Unix time, and says how long that is."""

    def __init__(self, until: int) -> None:
        self._until = until

    def strike(self, request: Request) -> None:
        """Raise BrownedOut, unless it is over or what was asked for goes on."""
        left = self._until - time()
        if left > 0 and _is_business(request):
            request.environ[MARK] = True
            raise BrownedOut(retry_after=ceil(left))


def _is_business(request: Request) -> bool:
    """Whether it asks for what the version is there for: not its state, its description or looks.

    A page that says what happens needs its style sheet.
    """
    rule = request.url_rule
    if rule is None:
        return False
    return rule.rule not in PROBES and rule.rule != PATH and not rule.rule.startswith("/static/")
