"""`API-Version` on a host of several versions: a client says once which one it speaks.

The gateway routes a version that lives, refuses one that does not, and tells with `Live-Versions`
which those are. A header that was sent twice gets past it, and only the service can see that.
"""

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask
from werkzeug.exceptions import BadRequest

_LIVE = re.compile(r"[0-9]{1,2}(?:, ?[0-9]{1,2}){0,19}").fullmatch


def refuse_repeated_pins(app: Flask) -> None:
    """Answer 400, in the application's own error shape, when the header came more than once.

    Around the application: a check inside of it would cost every request more than it is worth.
    """
    serve = app.wsgi_app

    def serve_single(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # WSGI joins what was repeated with a comma.
        if "," not in environ.get("HTTP_API_VERSION", ""):
            return serve(environ, start_response)
        with app.request_context(environ):
            refusal = app.make_response(app.handle_user_exception(_refusal(environ)))
            return app.process_response(refusal)(environ, start_response)

    app.wsgi_app = serve_single  # type: ignore[method-assign]


def _refusal(environ: dict[str, Any]) -> BadRequest:
    live = environ.get("HTTP_LIVE_VERSIONS", "")
    known = f" Live versions: {live}." if _LIVE(live) else ""
    return BadRequest(f"The header API-Version was sent more than once.{known}")
