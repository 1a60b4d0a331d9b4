"""The stock service: `create_app()` gives the WSGI application of one version of its API."""

import os
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from flask import Flask

from instrumentation import Settings, SettingsError, instrument
from instrumentation.description import serve_description

from .database import Database
from .readiness import why_not_ready
from .settings import DatabaseSettings


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """The application that API_VERSION and DATABASE_URL ask for; SettingsError if they cannot."""
    settings = Settings.from_environment("stock", environ)
    storage = DatabaseSettings.from_environment(environ)
    version = load_version(settings.api_version)
    database = Database(storage.url)

    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    # A redirect would answer a client that made a mistake with a page of HTML.
    app.url_map.merge_slashes = False
    app.extensions["database"] = database
    instrument(app, settings, ready=partial(why_not_ready, database, settings.api_version))
    serve_description(app, version, settings)
    version.register(app, database)
    return app


def load_version(number: int) -> ModuleType:
    """The package of one version of the API; an image holds only its own."""
    name = f"stock.v{number}"
    if find_spec(name) is None:
        raise SettingsError(f"API_VERSION is {number}, but this image has no {name}")
    return import_module(name)
