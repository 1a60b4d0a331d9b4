"""The catalog as a WSGI application: the pages of the one version that its environment names."""

import os
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from flask import Flask

from instrumentation import RemoteCalls, Settings, SettingsError, instrument
from instrumentation.description import serve_description

from . import error_handlers, security_headers
from .assets import Assets
from .orders import LARGEST_BODY
from .pages import Pages
from .settings import StockSettings
from .transport import Transport


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """The application; raises SettingsError with one line when the environment does not suffice."""
    settings = Settings.from_environment("catalog", environ)
    stock_settings = StockSettings.from_environment(environ)
    version = _version(settings.api_version)

    app = Flask("catalog", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.merge_slashes = False

    instrumentation = instrument(app, settings, ready=lambda: None)
    transport = Transport(
        f"catalog/{settings.version}",
        connect_timeout=stock_settings.connect_timeout,
        read_timeout=stock_settings.read_timeout,
        budget=stock_settings.budget,
        timed=RemoteCalls(instrumentation.registry, "stock", version.CALLS).timed,
    )

    serve_description(app, version, settings)
    Assets().init_app(app)
    pages = Pages(app, settings, version.problem)
    security_headers.init_app(app)
    error_handlers.init_app(app, pages)
    app.register_blueprint(version.shop(version.Stock(stock_settings.url, transport), pages))
    return app


def _version(number: int) -> ModuleType:
    """The package of a version; an image contains its own only."""
    name = f"catalog.v{number}"
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise SettingsError(
            f"API_VERSION: this image of catalog does not contain version {number}"
        ) from None
