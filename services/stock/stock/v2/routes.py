"""The endpoints of version 2, and its format of errors: problem details (RFC 9457)."""

import json
from http import HTTPStatus
from typing import cast

from flask import Blueprint, Response, current_app, jsonify, request

from ..inventory import Inventory
from ..inventory_errors import InsufficientStock
from ..purchase import read_quantity
from .idempotency import StoredResponse, compute_fingerprint, read_key, run_once
from .paging import read_limit, read_token, write_token
from .t_shirts import TShirt

routes = Blueprint("v2", __name__)


def inventory() -> Inventory[TShirt]:
    """Return the inventory of the application that handles this request."""
    return cast(Inventory[TShirt], current_app.extensions["inventory"])


@routes.get("/t-shirts")
def list_t_shirts() -> Response:
    """Return a page of t-shirts in insertion order, and the token of the next page."""
    limit = read_limit(request.args.get("limit"))
    position = read_token(request.args.get("after"))
    items, last = inventory().list_after(position, limit)
    return jsonify(items=items, next=None if last is None else write_token(last))


@routes.get("/t-shirts/<sku>")
def get_t_shirt(sku: str) -> Response:
    """Return one t-shirt."""
    return jsonify(inventory().find(sku))


@routes.post("/t-shirts/<sku>/purchases")
def purchase(sku: str) -> Response:
    """Sell `{"quantity": n}` of one t-shirt, once per Idempotency-Key."""
    key = read_key(request.headers.get("Idempotency-Key"))
    quantity, body = read_quantity(request)
    t_shirts = inventory()

    with t_shirts.database.writing() as connection:

        def sell() -> StoredResponse:
            try:
                sale = t_shirts.sell_within(connection, sku, quantity)
            except InsufficientStock as error:
                return error.status, error.message
            answer = {"sku": sku, "quantity": quantity, "remaining": sale.remaining}
            return 201, json.dumps(answer)

        fingerprint = compute_fingerprint(sku, body)
        (status, text), is_repeated = run_once(connection, key, fingerprint, sell)

    response = Response(text, 201, content_type="application/json")
    if status != 201:
        response = render_error(status, text)
    if is_repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def render_error(status: int, detail: str) -> Response:
    """Return a problem without a type of its own: `title` is the phrase of the status."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return Response(json.dumps(body), status, content_type="application/problem+json")
