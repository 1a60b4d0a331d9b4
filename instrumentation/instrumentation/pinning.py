"""`API-Version` on a host of several versions: a client says once which one it speaks.

The gateway routes a version that lives, refuses one that does not, and tells with `Live-Versions`
which those are. A header that was sent twice gets past it, and only the service can see that.
"""

import re

from werkzeug import Request
from werkzeug.exceptions import BadRequest

_LIVE = re.compile(r"[0-9]{1,2}(?:, ?[0-9]{1,2}){0,19}").fullmatch


def refuse_repeated(request: Request) -> None:
    """Raise BadRequest when the header was sent more than once; WSGI joins them with a comma."""
    if "," not in request.environ.get("HTTP_API_VERSION", ""):
        return
    live = request.environ.get("HTTP_LIVE_VERSIONS", "")
    known = f" Live versions: {live}." if _LIVE(live) else ""
    raise BadRequest(f"The header API-Version was sent more than once.{known}")
