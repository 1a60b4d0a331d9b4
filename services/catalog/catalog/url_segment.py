"""T-shirt names as one segment of a URL path."""

from urllib.parse import quote

LONGEST = 200


def encode_segment(name: str) -> str | None:
    """Return the name percent-encoded as one path segment, or None if no path can hold it.

    No path can hold a name that a server or proxy on the way would read as something else: a
    slash, a dot segment, control characters, lone surrogates, and anything empty or overlong.
    """
    if not 0 < len(name) <= LONGEST or name in {".", ".."}:
        return None
    if any(character in "/\\\x7f" or character < " " for character in name):
        return None
    try:
        return quote(name, safe="")
    except UnicodeEncodeError:
        return None
