"""Every request gets the same answer, whatever its path and method: the host decides which."""

import json
from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus

from flask import Flask, request
from werkzeug.wrappers import Response

from .settings import Notices, Tombstone

STYLE = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}"
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    # A version that is gone may be deployed again, and a 410 may otherwise be kept.
    "Cache-Control": "no-store",
    "Vary": "Accept",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}
HTML, JSON, PROBLEM = "text/html", "application/json", "application/problem+json"


def init_app(app: Flask, notices: Notices) -> None:
    """Answers everything but the probes, and these too on a host that is gone."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    page = app.jinja_env.get_template("notice.html")

    @app.before_request
    def answer() -> Response | None:
        tombstone = notices.tombstones.get(_host())
        if tombstone is not None:
            return gone(tombstone)
        return None if request.url_rule is not None else unknown_version()

    def gone(tombstone: Tombstone) -> Response:
        detail = f"Version {tombstone.version} ended on {tombstone.since:%Y-%m-%d}."
        links = {"successor-version": tombstone.successor, "deprecation": tombstone.link}
        links = {relation: url for relation, url in links.items() if url}
        answer = shown(410, detail, {"version": tombstone.version, **links}, links)
        if links:
            answer.headers["Link"] = ", ".join(f'<{url}>; rel="{r}"' for r, url in links.items())
        return answer

    def unknown_version() -> Response:
        live = list(notices.live)
        numbers = ", ".join(map(str, live))
        detail = (
            f"Send the header API-Version once, with a version that is live: {numbers}."
            if live
            else "No version is live."
        )
        return shown(400, detail, {"live": live}, {})

    def shown(
        status: int, detail: str, facts: dict[str, object], links: dict[str, str]
    ) -> Response:
        title = HTTPStatus(status).phrase
        if request.accept_mimetypes.best_match((PROBLEM, JSON, HTML), PROBLEM) == HTML:
            text = page.render(title=title, detail=detail, links=links, style=STYLE)
            answer = Response(text, status, content_type="text/html; charset=utf-8")
        else:
            problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
            answer = Response(json.dumps(problem | facts), status, content_type=PROBLEM)
        answer.headers.update(HEADERS)
        return answer


def _host() -> str:
    """The host that was asked for, as tombstones name it: small letters, no port, no last dot."""
    asked: str = request.environ.get("HTTP_HOST", "")
    return asked.partition(":")[0].lower().removesuffix(".")
