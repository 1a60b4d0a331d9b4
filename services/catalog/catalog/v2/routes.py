"""Version 2's pages.

    GET  /?after={token}      the t-shirts, page by page
    GET  /products/{sku}      one of them, with a form to buy it
    POST /products/{sku}/buy  a form, which redirects to the t-shirt, or JSON {"quantity"}

Purchases carry the idempotency key of the form or of the Idempotency-Key header. Each form has its
own, so that a double click buys once.

Version 1's addresses redirect here: on a host of both versions, a browser may hold a page of
either.
"""

import re
from secrets import token_urlsafe
from urllib.parse import quote

from flask import Blueprint, redirect, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from .. import orders
from ..error_handlers import ask_to_repeat, render_stock_error
from ..orders import OrderForm
from ..pages import PURCHASE_PARAMETER, FlashMessage, Pages, read_purchase_message, wants_json
from ..security_headers import require_same_origin
from ..stock_errors import RequestRejected, StockUnavailable
from .representations import format_item, format_purchase, product_path, view_product
from .stock_client import StockClient, StockPage

PER_PAGE = 24
LONGEST_TOKEN = 1000
_is_key = re.compile(r"[0-9A-Za-z_-]{8,64}").fullmatch
SAFE_TO_REPEAT = (
    "Our stockroom does not answer right now. Please try again: however often you do, this order "
    "is taken once."
)


def create_routes(stock: StockClient, pages: Pages) -> Blueprint:
    """Return the routes of this version."""
    blueprint = Blueprint("shop", __name__)

    @blueprint.get("/")
    def list_products() -> Response:
        page = fetch_page(request.args.get("after"))
        next_page = None if page.next is None else f"/?after={quote(page.next, safe='')}"
        if wants_json():
            items = [format_item(item) for item in page.items]
            return pages.render_json({"items": items, "next": next_page})
        products = [view_product(item) for item in page.items]
        return pages.render_html("front.html", products=products, next_page=next_page)

    @blueprint.get("/products/<sku>")
    def show_product(sku: str) -> Response:
        if wants_json():
            return pages.render_json(format_item(stock.find(sku)))
        return render_product(sku, 200, read_purchase_message(), "1")

    @blueprint.post("/products/<sku>/buy")
    def buy(sku: str) -> Response:
        require_same_origin()
        key = read_key()
        try:
            purchase = stock.purchase(sku, orders.read_quantity(), key)
        except orders.REFUSED as error:
            return render_refusal(sku, orders.REFUSALS[type(error)])
        except StockUnavailable as error:
            form = OrderForm(f"{require_path(sku)}/buy", orders.read_typed_quantity(), key)
            return render_stock_error(pages, error, SAFE_TO_REPEAT, form=form)
        if wants_json():
            return pages.render_json(format_purchase(purchase), 201)
        return redirect(f"{product_path(sku)}?{PURCHASE_PARAMETER}={purchase.quantity}", 303)

    @blueprint.get("/products/<sku>/buy")
    def redirect_from_form(sku: str) -> Response:
        return redirect(require_path(sku), 303)

    @blueprint.get("/product/t-shirt/<sku>")
    def redirect_other_version(sku: str) -> Response:
        # Shoppers can read the page of any version; a program cannot read another version's JSON.
        if wants_json():
            raise NotFound
        return redirect(require_path(sku), 303)

    @blueprint.post("/product/t-shirt/<sku>/buy")
    def refuse_other_form(sku: str) -> Response:
        require_same_origin()
        path = require_path(sku)
        form = OrderForm(f"{path}/buy", orders.read_typed_quantity(), create_key())
        return ask_to_repeat(pages, form, path)

    def fetch_page(token: str | None) -> StockPage:
        try:
            return stock.list(PER_PAGE, token and token[:LONGEST_TOKEN])
        except RequestRejected:
            raise BadRequest("There is no such page of our list.") from None

    def render_product(
        sku: str, status: int, flash: FlashMessage | None, quantity: str
    ) -> Response:
        product = view_product(stock.find(sku))
        most = min(product.available, orders.LARGEST_QUANTITY)
        form = OrderForm(f"{require_path(sku)}/buy", quantity, create_key(), most)
        return pages.render_html("product.html", status, product=product, flash=flash, form=form)

    def render_refusal(sku: str, refusal: orders.Refusal) -> Response:
        if wants_json():
            return pages.render_error(*refusal)
        flash = FlashMessage("alert", f"{refusal.heading}. {refusal.advice}")
        return render_product(sku, refusal.status, flash, orders.read_typed_quantity())

    return blueprint


def require_path(sku: str) -> str:
    """Return the path of a t-shirt's page; raise NotFound if no path can address it."""
    path = product_path(sku)
    if path is None:
        raise NotFound
    return path


def create_key() -> str:
    """Return a new key."""
    return token_urlsafe(18)


def read_key() -> str:
    """Return the key in the header, else the key in the form, else a new one.

    Raises BadRequest if either is malformed, also the one that is not used.
    """
    candidates = [request.headers.get("Idempotency-Key"), request.form.get("key")]
    keys = [key for key in candidates if key]
    if not all(map(_is_key, keys)):
        raise BadRequest("The idempotency key is not 8 to 64 letters, digits, - and _.")
    return keys[0] if keys else create_key()
