"""`GET /openapi.json`: the OpenAPI description of the version that runs."""

import json
from hashlib import sha256
from importlib.resources import files
from types import ModuleType
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from .settings import Settings

PATH = "/openapi.json"
_OPERATIONS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def serve_description(app: Flask, version: ModuleType, settings: Settings) -> None:
    """Serve the `openapi.json` in the package of a version."""
    written = json.loads(files(version).joinpath("openapi.json").read_bytes())
    content = json.dumps(complete_description(written, settings)).encode()
    digest = sha256(content).hexdigest()[:16]

    def description() -> Response:
        answer = Response(content, content_type="application/json")
        # On a host of several versions the next response may be of another one.
        answer.headers["Cache-Control"] = "no-cache"
        answer.set_etag(digest)
        return answer.make_conditional(request)

    app.add_url_rule(PATH, "description", description)


def complete_description(written: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Add what only the running service knows: its version, and its deprecation."""
    completed = {**written, "info": {**written["info"], "version": settings.version}}
    if settings.deprecation is None:
        return completed
    deprecation: dict[str, object] = {"deprecated": True}
    if settings.deprecation.sunset is not None:
        deprecation["x-sunset"] = settings.deprecation.sunset.isoformat()
    return {
        **completed,
        "paths": {
            path: _add_to_operations(item, deprecation) for path, item in completed["paths"].items()
        },
    }


def _add_to_operations(item: dict[str, Any], addition: dict[str, object]) -> dict[str, Any]:
    """Add to the operations of a path, and not to its parameters and texts."""
    return {
        name: {**part, **addition} if name in _OPERATIONS else part for name, part in item.items()
    }
