"""The endpoints of version 2, and its format of errors: problem details (RFC 9457)."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http import HTTPStatus
from typing import cast

from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import BadRequest

from ..inventory import Inventory
from ..inventory_errors import InsufficientStock
from ..purchase import read_quantity
from .idempotency import StoredResponse, compute_fingerprint, read_key, run_once
from .t_shirts import TShirt

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100

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


def read_limit(text: str | None) -> int:
    """Return the number of items of a page; raise BadRequest unless it is 1 to 100."""
    if text is None:
        return DEFAULT_LIMIT
    if re.fullmatch("[0-9]{1,3}", text) and 1 <= int(text) <= LARGEST_LIMIT:
        return int(text)
    raise BadRequest(f"limit must be a whole number from 1 to {LARGEST_LIMIT}")


def write_token(id: int) -> str:
    """Return the token of the page that begins after that id."""
    return urlsafe_b64encode(b"after:%d" % id).decode().rstrip("=")


def read_token(token: str | None) -> int:
    """Return the id that the page begins after; raise BadRequest for any other token."""
    if token is None:
        return 0
    try:
        text = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
    except ValueError:
        text = ""
    position = re.fullmatch("after:([1-9][0-9]{0,8})", text)
    # One page has one token: other spellings of the same bytes are not accepted.
    if position is None or write_token(int(position[1])) != token:
        raise BadRequest("after must be the value of next in an earlier answer")
    return int(position[1])
