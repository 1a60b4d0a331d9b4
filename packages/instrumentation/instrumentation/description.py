"""`GET /openapi.json`: what a service offers, in the words of the version that runs."""

import json
from hashlib import sha256
from importlib.resources import files
from types import ModuleType
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from .metric_labels import METHODS
from .settings import Settings

PATH = "/openapi.json"
_OPERATIONS = frozenset(method.lower() for method in METHODS) | {"trace"}


def serve_description(app: Flask, version: ModuleType, settings: Settings) -> None:
    """Serve the `openapi.json` that lies in the package of a version."""
    written = json.loads(files(version).joinpath("openapi.json").read_bytes())
    content = json.dumps(described(written, settings)).encode()
    digest = sha256(content).hexdigest()[:16]

    def description() -> Response:
        answer = Response(content, content_type="application/json")
        # On a host of several versions the next answer may be another one's: ask before reuse.
        answer.headers["Cache-Control"] = "no-cache"
        answer.set_etag(digest)
        return answer.make_conditional(request)

    app.add_url_rule(PATH, "description", description)


def described(written: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The description with what only a running service knows: its release, and its end."""
    known = {**written, "info": {**written["info"], "version": settings.version}}
    if settings.deprecation is None:
        return known
    ending: dict[str, object] = {"deprecated": True}
    if settings.deprecation.sunset is not None:
        ending["x-sunset"] = settings.deprecation.sunset.isoformat()
    return {**known, "paths": {path: _each(item, ending) for path, item in known["paths"].items()}}


def _each(item: dict[str, Any], addition: dict[str, object]) -> dict[str, Any]:
    """A path whose operations, and not its parameters and texts, have the addition."""
    return {
        name: {**part, **addition} if name in _OPERATIONS else part for name, part in item.items()
    }
