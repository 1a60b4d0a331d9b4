"""Version 2 of the API: `/t-shirts`, paged, money in minor units, problem details, keys."""

from flask import Flask

from stock.database import Database
from stock.failures import answer_failures
from stock.v2.problems import problem
from stock.v2.routes import routes
from stock.v2.t_shirts import open_inventory


def register(app: Flask, database: Database) -> None:
    """Add this version's routes, its way to answer errors, and its view of the inventory."""
    app.extensions["inventory"] = open_inventory(database)
    app.register_blueprint(routes)
    answer_failures(app, problem)
