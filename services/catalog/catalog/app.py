"""The catalog as a WSGI application: one version of the shop's pages."""

import os
from collections.abc import Mapping

from flask import Flask

from instrumentation import RemoteCalls, Settings, instrument, load_version
from instrumentation.description import serve_description

from .assets import serve_assets
from .orders import LARGEST_BODY
from .security_headers import add_security_headers
from .settings import StockSettings
from .transport import Transport


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """Return the application of API_VERSION; raise SettingsError for a bad environment."""
    settings = Settings.from_environment("catalog", environ)
    stock_settings = StockSettings.from_environment(environ)
    version = load_version("catalog", settings.api_version)

    app = Flask("catalog", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.merge_slashes = False
    instrumentation = instrument(app, settings, ready=lambda: None)
    serve_description(app, version, settings)
    serve_assets(app)
    add_security_headers(app)

    calls = RemoteCalls(instrumentation.metrics.registry, "stock", version.CALLS)
    transport = Transport(stock_settings, f"catalog/{settings.version}", calls.measure)
    version.register(app, settings, transport)
    return app
