"""Version 2's pages.

    GET  /?after={token}      the t-shirts, page by page
    GET  /products/{sku}      one of them, with a form to buy it
    POST /products/{sku}/buy  a form, which is led back to the t-shirt, or JSON {"quantity"}

Purchases go under the idempotency key of the form or of the Idempotency-Key header.

Version 1's addresses lead here too: on a host of both, a browser may hold a page of either.
"""

from urllib.parse import quote

from flask import Blueprint, redirect, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from .. import orders
from ..error_handlers import please_repeat, stock_failure
from ..flash import PARAMETER, Notice, bought
from ..negotiation import wants_json
from ..orders import Form
from ..pages import Pages
from ..security_headers import refuse_other_sites
from ..stock_errors import RequestRejected, StockUnavailable
from . import idempotency_keys
from .representations import path, product, purchase_document, t_shirt_document
from .stock_client import Page, Stock

PER_PAGE = 24
LONGEST_TOKEN = 1000
SAFE_TO_REPEAT = (
    "Our stockroom does not answer right now. Please try again: however often you do, this order "
    "is taken once."
)


def shop(stock: Stock, pages: Pages) -> Blueprint:
    """The routes of version 2."""
    blueprint = Blueprint("shop", __name__)

    @blueprint.get("/")
    def front() -> Response:
        listed = listing(request.args.get("after"))
        following = None if listed.next is None else f"/?after={quote(listed.next, safe='')}"
        if wants_json():
            items = [t_shirt_document(t_shirt) for t_shirt in listed.items]
            return pages.json({"items": items, "next": following})
        products = [product(t_shirt) for t_shirt in listed.items]
        return pages.html("front.html", products=products, following=following)

    @blueprint.get("/products/<sku>")
    def one(sku: str) -> Response:
        if wants_json():
            return pages.json(t_shirt_document(stock.find(sku)))
        return page(sku, 200, bought(), "1")

    @blueprint.post("/products/<sku>/buy")
    def buy(sku: str) -> Response:
        refuse_other_sites()
        key = idempotency_keys.of_request()
        try:
            purchase = stock.purchase(sku, orders.read_quantity(), key)
        except orders.DECLINED as error:
            return declined(sku, orders.refusal(error))
        except StockUnavailable as error:
            form = Form(f"{address(sku)}/buy", orders.quantity_as_typed(), key)
            return stock_failure(pages, error, SAFE_TO_REPEAT, form=form)
        if wants_json():
            return pages.json(purchase_document(purchase), 201)
        return redirect(f"{path(sku)}?{PARAMETER}={purchase.quantity}", 303)

    @blueprint.get("/products/<sku>/buy")
    def back(sku: str) -> Response:
        return redirect(address(sku), 303)

    @blueprint.get("/product/t-shirt/<sku>")
    def other(sku: str) -> Response:
        # A page is a page in every version, but a program cannot read the other one's JSON.
        if wants_json():
            raise NotFound
        return redirect(address(sku), 303)

    @blueprint.post("/product/t-shirt/<sku>/buy")
    def other_form(sku: str) -> Response:
        refuse_other_sites()
        target = address(sku)
        form = Form(f"{target}/buy", orders.quantity_as_typed(), idempotency_keys.fresh())
        return please_repeat(pages, form, target)

    def listing(token: str | None) -> Page:
        try:
            return stock.list(PER_PAGE, token and token[:LONGEST_TOKEN])
        except RequestRejected:
            raise BadRequest("There is no such page of our list.") from None

    def page(sku: str, status: int, notice: Notice | None, quantity: str) -> Response:
        shown = product(stock.find(sku))
        action, most = f"{address(sku)}/buy", orders.most(shown.available)
        form = Form(action, quantity, idempotency_keys.fresh(), most)
        return pages.html("product.html", status, product=shown, notice=notice, form=form)

    def declined(sku: str, refusal: orders.Refusal) -> Response:
        if wants_json():
            return pages.failure(*refusal)
        notice = Notice("alert", f"{refusal.heading}. {refusal.advice}")
        return page(sku, refusal.status, notice, orders.quantity_as_typed())

    return blueprint


def address(sku: str) -> str:
    """The path of a t-shirt's page; NotFound when no path can address it."""
    found = path(sku)
    if found is None:
        raise NotFound
    return found
