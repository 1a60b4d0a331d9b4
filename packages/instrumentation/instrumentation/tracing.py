"""Request ids and W3C trace context: taken over from the caller, passed on to the next service.

What comes from outside is used only when it is well formed and short; otherwise a new id takes its
place, so that nothing hostile reaches a log, a header or the next service.
"""

import re
from random import randbytes
from typing import Any

from flask import has_request_context, request

_ID_KEY = "instrumentation.request_id"
_TRACE_KEY = "instrumentation.trace"
_REQUEST_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}").fullmatch
# Version 00 exactly: later versions may mean something else by the same fields.
_TRACEPARENT = re.compile(
    r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
).fullmatch


def request_id(environ: dict[str, Any]) -> str:
    """The caller's X-Request-Id when it is acceptable, else a new one of 32 hexadecimal digits."""
    known: str | None = environ.get(_ID_KEY)
    if known is None:
        known = environ.get("HTTP_X_REQUEST_ID")
        if known is None or not _REQUEST_ID(known):
            known = _random_hex(16)
        environ[_ID_KEY] = known
    return known


def current_request_id() -> str | None:
    """The id of the request being handled, None outside of one."""
    return request_id(request.environ) if has_request_context() else None


def outgoing_headers() -> dict[str, str]:
    """X-Request-Id and traceparent for the next hop; empty outside a request.

    All calls made for one request share a trace; each call is a span of its own.
    """
    if not has_request_context():
        return {}
    environ = request.environ
    if _TRACE_KEY not in environ:
        given = _TRACEPARENT(environ.get("HTTP_TRACEPARENT", ""))
        environ[_TRACE_KEY] = given.groups() if given else (_random_hex(16), "00")
    trace, flags = environ[_TRACE_KEY]
    return {
        "X-Request-Id": request_id(environ),
        "traceparent": f"00-{trace}-{_random_hex(8)}-{flags}",
    }


def _random_hex(size: int) -> str:
    # Ids have to be unique, not secret, and this is three times as fast as the secure source.
    return randbytes(size).hex()  # noqa: S311
