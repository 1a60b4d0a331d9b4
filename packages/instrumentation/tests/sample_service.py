"""A small service for the tests, run in this process or by gunicorn."""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WSGIResponse

from instrumentation import Settings, instrument, outgoing_headers
from instrumentation.body import read_json


class Client(FlaskClient):
    """Reads each answer to its end and closes it, as a server does."""

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> Any:
        return super().open(*args, buffered=buffered, **kwargs)


def create_app(settings: Settings | None = None, ready: str | None = None) -> Flask:
    app = Flask("sample", static_folder=None)
    app.test_client_class = Client
    instrument(app, settings or Settings.from_environment("sample"), ready=lambda: ready)

    @app.errorhandler(HTTPException)
    def as_json(error: HTTPException) -> WSGIResponse:
        answer = error.get_response()
        answer.data = json.dumps({"error": error.description})
        answer.content_type = "application/json"
        return answer

    @app.get("/items/<name>")
    def item(name: str) -> dict[str, str]:
        return {"name": name}

    @app.post("/items/<name>")
    def change(name: str) -> tuple[dict[str, object], int]:
        return {"name": name, "body": read_json(request)}, 201

    @app.post("/form")
    def form() -> dict[str, str]:
        return request.form.to_dict()

    @app.get("/hops")
    def hops() -> dict[str, object]:
        return {"first": outgoing_headers(), "second": outgoing_headers()}

    @app.get("/moved/")
    def moved() -> str:
        return "here"

    @app.get("/stream")
    def stream() -> Response:
        return Response(iter(["one ", "two"]))

    @app.get("/stream/broken")
    def broken_stream() -> Response:
        def parts() -> Iterator[str]:
            yield "one "
            raise OSError("broke off")

        return Response(parts())

    @app.get("/failure")
    def failure() -> str:
        raise RuntimeError("a secret\nof the inside")

    @app.get("/wait")
    def wait() -> str:
        # Until the test removes the file; how many wait can be seen beside it.
        gate = Path(os.environ["GATE"])
        gate.with_name(f"waiting-{threading.get_ident()}").touch()
        while gate.exists():
            time.sleep(0.02)
        return "done"

    return app
