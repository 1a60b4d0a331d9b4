"""Idempotency keys: each form has its own, so that a double click buys once."""

import re
from secrets import token_urlsafe

from flask import request
from werkzeug.exceptions import BadRequest

_WELL_FORMED = re.compile(r"[0-9A-Za-z_-]{8,64}").fullmatch


def create_key() -> str:
    """Return a new key."""
    return token_urlsafe(18)


def read_key() -> str:
    """Return the key in the header, else the key in the form, else a new one.

    Raises BadRequest if either is malformed, also the one that is not used.
    """
    candidates = [request.headers.get("Idempotency-Key"), request.form.get("key")]
    keys = [key for key in candidates if key]
    if not all(map(_WELL_FORMED, keys)):
        raise BadRequest("The idempotency key is not 8 to 64 letters, digits, - and _.")
    return keys[0] if keys else create_key()
