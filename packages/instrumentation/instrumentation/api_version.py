"""The request header `API-Version` on a host with several versions.

The gateway routes live versions, refuses others, and names the live ones in `Live-Versions`. It
does not notice a header that is sent twice; the service does.
"""

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask
from werkzeug.exceptions import BadRequest

_is_version_list = re.compile(r"[0-9]{1,2}(?:, ?[0-9]{1,2}){0,19}").fullmatch


def reject_repeated_header(app: Flask) -> None:
    """Answer 400, in the application's own error format, if the header is sent more than once.

    This wraps the application because a check inside it would cost every request more.
    """
    serve = app.wsgi_app

    def serve_checked(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # WSGI joins repeated headers with a comma.
        if "," not in environ.get("HTTP_API_VERSION", ""):
            return serve(environ, start_response)
        with app.request_context(environ):
            live = environ.get("HTTP_LIVE_VERSIONS", "")
            live_versions = f" Live versions: {live}." if _is_version_list(live) else ""
            reason = f"The header API-Version was sent more than once.{live_versions}"
            error = app.make_response(app.handle_user_exception(BadRequest(reason)))
            return app.process_response(error)(environ, start_response)

    app.wsgi_app = serve_checked  # type: ignore[method-assign]
