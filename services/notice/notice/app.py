"""The notice service as a WSGI application.

The response depends on the host alone: 410 for a host with a tombstone, otherwise 400, whatever
the path and method.
"""

import json
import os
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus

from flask import Flask, request
from werkzeug.wrappers import Response

from instrumentation import Settings, instrument

from .settings import HostTombstone, Notices

STYLE = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}"
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    # A removed version may be deployed again, and caches may otherwise keep a 410.
    "Cache-Control": "no-store",
    "Vary": "Accept",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}
HTML, JSON, PROBLEM = "text/html", "application/json", "application/problem+json"


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """Return the application; raise SettingsError for a bad environment."""
    settings = Settings.from_environment("notice", environ)
    notices = Notices.from_environment(environ)
    app = Flask("notice", static_folder=None)
    instrument(app, settings, ready=lambda: None, may_be_pinned=False)
    _answer_all_requests(app, notices)
    return app


def _answer_all_requests(app: Flask, notices: Notices) -> None:
    """Answer everything but the probes, and on a host with a tombstone the probes too."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    page = app.jinja_env.get_template("notice.html")

    @app.before_request
    def answer() -> Response | None:
        tombstone = notices.tombstones.get(_read_host())
        if tombstone is not None:
            return render_gone(tombstone)
        return None if request.url_rule is not None else render_unknown_version()

    def render_gone(tombstone: HostTombstone) -> Response:
        detail = f"Version {tombstone.version} ended on {tombstone.since:%Y-%m-%d}."
        links = {"successor-version": tombstone.successor, "deprecation": tombstone.link}
        links = {relation: url for relation, url in links.items() if url}
        response = render(410, detail, {"version": tombstone.version, **links}, links)
        if links:
            response.headers["Link"] = ", ".join(f'<{url}>; rel="{r}"' for r, url in links.items())
        return response

    def render_unknown_version() -> Response:
        live = list(notices.live)
        numbers = ", ".join(map(str, live))
        detail = (
            f"Send the header API-Version once, with a version that is live: {numbers}."
            if live
            else "No version is live."
        )
        return render(400, detail, {"live": live}, {})

    def render(
        status: int, detail: str, extensions: dict[str, object], links: dict[str, str]
    ) -> Response:
        title = HTTPStatus(status).phrase
        if request.accept_mimetypes.best_match((PROBLEM, JSON, HTML), PROBLEM) == HTML:
            text = page.render(title=title, detail=detail, links=links, style=STYLE)
            response = Response(text, status, content_type="text/html; charset=utf-8")
        else:
            problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
            response = Response(json.dumps(problem | extensions), status, content_type=PROBLEM)
        response.headers.update(HEADERS)
        return response


def _read_host() -> str:
    """Return the host of the request as tombstones name it: lower case, no port, no final dot."""
    host: str = request.environ.get("HTTP_HOST", "")
    return host.partition(":")[0].lower().removesuffix(".")
