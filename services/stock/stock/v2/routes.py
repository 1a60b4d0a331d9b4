"""The endpoints of version 2."""

import json
from typing import cast

from flask import Blueprint, Response, current_app, jsonify, request

from ..inventory import Inventory
from ..inventory_errors import NotEnough
from ..purchase import read_quantity
from .idempotency import Answer, fingerprint, once, read_key
from .paging import read_limit, read_token, write_token
from .problems import problem
from .t_shirts import TShirt

routes = Blueprint("v2", __name__)


def inventory() -> Inventory[TShirt]:
    """The inventory of the application that handles this request."""
    return cast(Inventory[TShirt], current_app.extensions["inventory"])


@routes.get("/t-shirts")
def list_t_shirts() -> Response:
    """One page of t-shirts in insertion order, and the token of the next page."""
    limit = read_limit(request.args.get("limit"))
    position = read_token(request.args.get("after"))
    items, last = inventory().after(position, limit)
    return jsonify(items=items, next=None if last is None else write_token(last))


@routes.get("/t-shirts/<sku>")
def get_t_shirt(sku: str) -> Response:
    """One t-shirt."""
    return jsonify(inventory().one(sku))


@routes.post("/t-shirts/<sku>/purchases")
def purchase(sku: str) -> Response:
    """Sell `{"quantity": n}` of one t-shirt, once per Idempotency-Key."""
    key = read_key(request.headers.get("Idempotency-Key"))
    quantity, body = read_quantity(request)
    shirts = inventory()

    with shirts.database.writing() as connection:

        def sell() -> Answer:
            try:
                sale = shirts.sell_within(connection, sku, quantity)
            except NotEnough as error:
                return error.status, error.message
            answer = {"sku": sku, "quantity": quantity, "remaining": sale.remaining}
            return 201, json.dumps(answer)

        (status, text), repeated = once(connection, key, fingerprint(sku, body), sell)

    answer = Response(text, 201, content_type="application/json")
    if status != 201:
        answer = problem(status, text)
    if repeated:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer
