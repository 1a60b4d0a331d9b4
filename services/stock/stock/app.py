"""The stock service as a WSGI application: one version of its API."""

import os
from collections.abc import Mapping
from functools import partial

from flask import Flask

from instrumentation import Environment, Settings, instrument, load_version
from instrumentation.description import serve_description

from .database import Database, parse_database_url
from .schema_revision import not_ready_reason


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """Return the application of API_VERSION; raise SettingsError for a bad environment."""
    settings = Settings.from_environment("stock", environ)
    url = parse_database_url(Environment(environ).text("DATABASE_URL", pattern=".*"))
    database = Database(url)
    version = load_version("stock", settings.api_version)

    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    # A redirect would answer a client that made a mistake with a page of HTML.
    app.url_map.merge_slashes = False
    app.extensions["database"] = database
    instrument(app, settings, ready=partial(not_ready_reason, database, settings.api_version))
    serve_description(app, version, settings)
    version.register(app, database)
    return app
