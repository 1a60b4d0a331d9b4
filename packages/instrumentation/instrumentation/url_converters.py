"""What a variable part of a URL may hold, checked by routing: anything else matches no rule."""

from flask import Flask
from werkzeug.routing import UnicodeConverter

LONGEST = 255


class PlainText(UnicodeConverter):
    """One path segment of up to 255 characters that a database, a log and a header can hold.

    It excludes control characters, NUL among them, and U+FFFD, which stands for bytes that were not
    UTF-8; a lone surrogate is such bytes.
    """

    def __init__(self, map: object, maxlength: int = LONGEST) -> None:
        super().__init__(map, maxlength=maxlength)  # type: ignore[arg-type]
        self.regex = rf"[^/\x00-\x1f\x7f\ufffd]{{1,{maxlength}}}"


def accept_plain_text_only(app: Flask) -> None:
    """Make `<name>` in rules that are added from now on a PlainText."""
    app.url_map.converters = {
        **app.url_map.converters,
        "default": PlainText,
        "string": PlainText,
    }
