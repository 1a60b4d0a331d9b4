"""The converter for variable parts of URLs. A URL that it rejects matches no rule."""

from flask import Flask
from werkzeug.routing import UnicodeConverter

MAX_LENGTH = 255


class PlainText(UnicodeConverter):
    """A path segment of up to 255 characters that databases, logs and headers can store.

    It excludes control characters and U+FFFD, which replaces bytes that are not UTF-8.
    """

    def __init__(self, map: object, maxlength: int = MAX_LENGTH) -> None:
        super().__init__(map, maxlength=maxlength)  # type: ignore[arg-type]
        self.regex = rf"[^/\x00-\x1f\x7f\ufffd]{{1,{maxlength}}}"


def use_plain_text_converter(app: Flask) -> None:
    """Use PlainText for `<name>` in rules that are added afterwards."""
    app.url_map.converters = {
        **app.url_map.converters,
        "default": PlainText,
        "string": PlainText,
    }
