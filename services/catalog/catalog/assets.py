"""Static files, served from memory under names that contain a hash of their content."""

import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from flask import Flask, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

FOLDER = Path(__file__).with_name("static")
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; `digest` changes with its content."""

    content: bytes
    digest: str
    media_type: str


def serve_assets(app: Flask) -> None:
    """Read the static folder; add the route of its files and the template function `asset`."""
    assets = {path.name: _read_asset(path) for path in sorted(FOLDER.iterdir())}

    def address(name: str) -> str:
        stem, _, suffix = name.rpartition(".")
        return f"/static/{stem}.{assets[name].digest}.{suffix}"

    def serve(stem: str, digest: str, suffix: str) -> Response:
        asset = assets.get(f"{stem}.{suffix}")
        if asset is None:
            raise NotFound
        # A page of another release asks for its own hash: today's style is better than none.
        cache = FOR_EVER if digest == asset.digest else "no-cache"
        response = Response(asset.content, content_type=asset.media_type)
        response.headers["Cache-Control"] = cache
        response.set_etag(asset.digest)
        return response.make_conditional(request)

    app.add_url_rule("/static/<stem>.<digest>.<suffix>", "asset", serve)
    app.jinja_env.globals["asset"] = address


def _read_asset(path: Path) -> Asset:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return Asset(content, sha256(content).hexdigest()[:12], media_type)
