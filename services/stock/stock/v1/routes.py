"""The endpoints of version 1, and its format of errors: `{"error": message}`."""

from typing import cast

from flask import Blueprint, Response, current_app, jsonify, request

from ..inventory import Inventory
from ..purchase import read_quantity
from .t_shirts import TShirt

routes = Blueprint("v1", __name__)


def inventory() -> Inventory[TShirt]:
    """Return the inventory of the application that handles this request."""
    return cast(Inventory[TShirt], current_app.extensions["inventory"])


@routes.get("/t-shirt")
def list_t_shirts() -> Response:
    """Return all t-shirts in insertion order; this version has no paging."""
    return jsonify(inventory().list_all())


@routes.get("/t-shirt/<name>")
def get_t_shirt(name: str) -> Response:
    """Return one t-shirt."""
    return jsonify(inventory().find(name))


@routes.post("/t-shirt/<name>/purchase")
def purchase(name: str) -> tuple[Response, int]:
    """Sell `{"quantity": n}` of one t-shirt."""
    quantity, _ = read_quantity(request)
    sale = inventory().sell(name, quantity)
    answer = {"id": sale.id, "name": name, "quantity": quantity, "remaining": sale.remaining}
    return jsonify(answer), 201


def render_error(status: int, message: str) -> Response:
    """Return an error in the format of this version."""
    response = jsonify(error=message)
    response.status_code = status
    return response
