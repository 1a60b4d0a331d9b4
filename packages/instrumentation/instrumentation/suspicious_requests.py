"""Requests that no well-behaved client sends.

suspicious_header   carries a `Suspicious-Header`: the rehearsal's trigger
path_traversal      `..` as a path segment: clients resolve it themselves before they send
control_character   NUL or another control character in the path: aims at C strings and logs
encoded_slash       `%2f` or `%5c` in the path: aims at proxies that route by another reading
unknown_method      a method outside the ordinary ones: scanners
malformed_request   HTTP so broken that the server refused it before the application saw it
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from .metric_labels import METHODS

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


def is_odd(environ: dict[str, Any]) -> bool:
    """Whether `reasons` needs asking: a quick look that lets nearly every ordinary request pass.

    Control characters that are not percent-encoded never get here: the server refuses them.
    """
    raw = environ.get("RAW_URI") or environ["PATH_INFO"]
    return (
        "%" in raw
        or ".." in raw
        or "HTTP_SUSPICIOUS_HEADER" in environ
        or environ["REQUEST_METHOD"] not in METHODS
    )


def reasons(environ: dict[str, Any]) -> Iterator[str]:
    """The reasons that apply to this request, each at most once."""
    if "HTTP_SUSPICIOUS_HEADER" in environ:
        yield "suspicious_header"
    if environ["REQUEST_METHOD"] not in METHODS:
        yield "unknown_method"
    # The path as it was sent; what the server made of it has lost the encoding.
    raw = (environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")[0]
    path = unquote(raw, "latin-1")
    if _TRAVERSAL.search(path):
        yield "path_traversal"
    if _CONTROL.search(path):
        yield "control_character"
    if _ENCODED_SLASH.search(raw):
        yield "encoded_slash"
