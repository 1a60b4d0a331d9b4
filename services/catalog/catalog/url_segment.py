"""How a t-shirt's name becomes one segment of a path, and which names cannot."""

from urllib.parse import quote

LONGEST = 200


def segment(name: str) -> str | None:
    """The name percent-encoded as one path segment, or None when no path can address it.

    None for what a server or proxy on the way would read as something else: a slash, a dot
    segment, control characters, lone surrogates, and anything empty or overlong.
    """
    if not 0 < len(name) <= LONGEST or name in {".", ".."}:
        return None
    if any(character in "/\\\x7f" or character < " " for character in name):
        return None
    try:
        return quote(name, safe="")
    except UnicodeEncodeError:
        return None
