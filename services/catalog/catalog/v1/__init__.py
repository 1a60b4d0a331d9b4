"""Version 1 of catalog: t-shirts have a name and a price in euros; it calls stock v1."""

from flask import Flask

from instrumentation import Settings

from ..error_handlers import register_error_handlers
from ..pages import Pages
from ..transport import Transport
from .representations import format_error
from .routes import create_routes
from .stock_client import CALLS, StockClient

__all__ = ["CALLS", "register"]


def register(app: Flask, settings: Settings, transport: Transport) -> None:
    """Add the routes and the error responses of this version."""
    pages = Pages(app, settings, format_error)
    register_error_handlers(app, pages)
    app.register_blueprint(create_routes(StockClient(transport), pages))
