"""Request ids and W3C trace context, from the caller to the next service.

A value from outside is used only if it is well formed and short. Otherwise a new id replaces it, so
that nothing hostile reaches a log, a header or the next service.
"""

import re
from random import randbytes
from typing import Any

from flask import has_request_context, request

_ID_KEY = "instrumentation.request_id"
_TRACE_KEY = "instrumentation.trace"
_is_request_id = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}").fullmatch
# Version 00 only: later versions may change the meaning of the fields.
_match_traceparent = re.compile(
    r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
).fullmatch


def request_id(environ: dict[str, Any]) -> str:
    """Return the caller's X-Request-Id if it is acceptable, else a new id of 32 hex digits."""
    identifier: str | None = environ.get(_ID_KEY)
    if identifier is None:
        identifier = environ.get("HTTP_X_REQUEST_ID")
        if identifier is None or not _is_request_id(identifier):
            identifier = _random_hex(16)
        environ[_ID_KEY] = identifier
    return identifier


def current_request_id() -> str | None:
    """Return the id of the current request, None outside of one."""
    return request_id(request.environ) if has_request_context() else None


def outgoing_headers() -> dict[str, str]:
    """Return X-Request-Id and traceparent for the next service; empty outside a request.

    All calls for one request share a trace; each call is a span of its own.
    """
    if not has_request_context():
        return {}
    environ = request.environ
    if _TRACE_KEY not in environ:
        match = _match_traceparent(environ.get("HTTP_TRACEPARENT", ""))
        environ[_TRACE_KEY] = match.groups() if match else (_random_hex(16), "00")
    trace, flags = environ[_TRACE_KEY]
    return {
        "X-Request-Id": request_id(environ),
        "traceparent": f"00-{trace}-{_random_hex(8)}-{flags}",
    }


def _random_hex(size: int) -> str:
    # Ids must be unique, not secret; this is three times as fast as the secure source.
    return randbytes(size).hex()  # noqa: S311
