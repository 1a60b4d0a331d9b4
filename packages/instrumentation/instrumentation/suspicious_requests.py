"""Requests that no well-behaved client sends.

suspicious_header   has the header `Suspicious-Header`, for rehearsals
path_traversal      `..` as a path segment: well-behaved clients resolve it before they send
control_character   NUL or another control character in the path: an attack on C strings and logs
encoded_slash       `%2f` or `%5c` in the path: an attack on proxies that decode it differently
unknown_method      a method that only scanners send
malformed_request   HTTP that the server could not parse
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REASONS = (
    "suspicious_header",
    "path_traversal",
    "control_character",
    "encoded_slash",
    "unknown_method",
    "malformed_request",
)
_TRAVERSAL = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ENCODED_SLASH = re.compile(r"%(?:2f|5c)", re.IGNORECASE)


def may_be_suspicious(environ: dict[str, Any]) -> bool:
    """Return False, cheaply, for nearly every ordinary request; else ask `find_reasons`.

    The server refuses control characters that are not percent-encoded.
    """
    raw = environ.get("RAW_URI") or environ["PATH_INFO"]
    return (
        "%" in raw
        or ".." in raw
        or "HTTP_SUSPICIOUS_HEADER" in environ
        or environ["REQUEST_METHOD"] not in METHODS
    )


def find_reasons(environ: dict[str, Any]) -> Iterator[str]:
    """Yield the reasons that apply to this request, each at most once."""
    if "HTTP_SUSPICIOUS_HEADER" in environ:
        yield "suspicious_header"
    if environ["REQUEST_METHOD"] not in METHODS:
        yield "unknown_method"
    # The path as it was sent: PATH_INFO is decoded.
    raw = (environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")[0]
    path = unquote(raw, "latin-1")
    if _TRAVERSAL.search(path):
        yield "path_traversal"
    if _CONTROL.search(path):
        yield "control_character"
    if _ENCODED_SLASH.search(raw):
        yield "encoded_slash"
