"""Idempotency keys: each form has its own, so that a double click buys once."""

import re
from secrets import token_urlsafe

from flask import request
from werkzeug.exceptions import BadRequest

_WELL_FORMED = re.compile(r"[0-9A-Za-z_-]{8,64}").fullmatch


def fresh() -> str:
    """A key that nobody has used."""
    return token_urlsafe(18)


def of_request() -> str:
    """The key that came as a header or else in a form, a fresh one if none did.

    Raises BadRequest when either is malformed, also the one that is not used.
    """
    sent = [request.headers.get("Idempotency-Key"), request.form.get("key")]
    keys = [key for key in sent if key]
    if not all(map(_WELL_FORMED, keys)):
        raise BadRequest("The idempotency key is not 8 to 64 letters, digits, - and _.")
    return keys[0] if keys else fresh()
