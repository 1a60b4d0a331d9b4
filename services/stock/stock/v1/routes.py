"""The endpoints of version 1."""

from typing import cast

from flask import Blueprint, Response, current_app, jsonify, request

from ..inventory import Inventory
from ..purchase import read_quantity
from .t_shirts import TShirt

routes = Blueprint("v1", __name__)


def inventory() -> Inventory[TShirt]:
    """The inventory of the application that handles this request."""
    return cast(Inventory[TShirt], current_app.extensions["inventory"])


@routes.get("/t-shirt")
def list_t_shirts() -> Response:
    """All t-shirts in insertion order; this version has no paging."""
    return jsonify(inventory().all())


@routes.get("/t-shirt/<name>")
def get_t_shirt(name: str) -> Response:
    """One t-shirt."""
    return jsonify(inventory().one(name))


@routes.post("/t-shirt/<name>/purchase")
def purchase(name: str) -> tuple[Response, int]:
    """Sell `{"quantity": n}` of one t-shirt."""
    quantity, _ = read_quantity(request)
    sale = inventory().sell(name, quantity)
    answer = {"id": sale.id, "name": name, "quantity": quantity, "remaining": sale.remaining}
    return jsonify(answer), 201
