"""Version 1 of the API: `/t-shirt`, prices as numbers, errors as `{"error": ...}`."""

from flask import Flask

from ..database import Database
from ..error_responses import register_error_handlers
from .routes import render_error, routes
from .t_shirts import open_inventory


def register(app: Flask, database: Database) -> None:
    """Add the routes, the error responses and the view of the inventory of this version."""
    app.extensions["inventory"] = open_inventory(database)
    app.register_blueprint(routes)
    register_error_handlers(app, render_error)
