"""Pages of the list: `limit` and the opaque token `after`."""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from werkzeug.exceptions import BadRequest

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100


def read_limit(text: str | None) -> int:
    """Return the number of items of a page; raise BadRequest unless it is 1 to 100."""
    if text is None:
        return DEFAULT_LIMIT
    if re.fullmatch("[0-9]{1,3}", text) and 1 <= int(text) <= LARGEST_LIMIT:
        return int(text)
    raise BadRequest(f"limit must be a whole number from 1 to {LARGEST_LIMIT}")


def write_token(id: int) -> str:
    """Return the token of the page that begins after that id."""
    return urlsafe_b64encode(b"after:%d" % id).decode().rstrip("=")


def read_token(token: str | None) -> int:
    """Return the id that the page begins after; raise BadRequest for any other token."""
    if token is None:
        return 0
    try:
        text = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
    except (ValueError, binascii.Error):
        text = ""
    position = re.fullmatch("after:([1-9][0-9]{0,8})", text)
    # One page has one token: other spellings of the same bytes are not accepted.
    if position is None or write_token(int(position[1])) != token:
        raise BadRequest("after must be the value of next in an earlier answer")
    return int(position[1])
