"""Version 2 of the API: `/t-shirts`, paged, money in minor units, problem details, keys."""

from flask import Flask

from ..database import Database
from ..error_responses import answer_failures
from .problems import problem
from .routes import routes
from .t_shirts import open_inventory


def register(app: Flask, database: Database) -> None:
    """Add this version's routes, its way to answer errors, and its view of the inventory."""
    app.extensions["inventory"] = open_inventory(database)
    app.register_blueprint(routes)
    answer_failures(app, problem)
