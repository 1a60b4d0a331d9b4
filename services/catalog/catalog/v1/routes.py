"""Version 1's pages.

    GET  /                            all t-shirts
    GET  /product/t-shirt/{name}      one of them, with a form to buy it
    POST /product/t-shirt/{name}/buy  a form, which is led back to the t-shirt, or JSON {"quantity"}

Version 2's addresses lead here too: on a host of both, a browser may hold a page of either.
"""

from flask import Blueprint, redirect
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from .. import orders
from ..error_handlers import please_repeat, stock_failure
from ..flash import PARAMETER, Notice, bought
from ..negotiation import wants_json
from ..orders import Form
from ..pages import Pages
from ..security_headers import refuse_other_sites
from ..stock_errors import StockUnavailable, StockUnreachable
from .representations import path, product, purchase_document, t_shirt_document
from .stock_client import Stock

UNCERTAIN = (
    "We sent your order, but got no answer from our stockroom: it may or may not have been taken. "
    "Before you order again, please see how many are left."
)


def shop(stock: Stock, pages: Pages) -> Blueprint:
    """The routes of version 1."""
    blueprint = Blueprint("shop", __name__)

    @blueprint.get("/")
    def front() -> Response:
        t_shirts = stock.list()
        if wants_json():
            return pages.json({"t-shirts": [t_shirt_document(t_shirt) for t_shirt in t_shirts]})
        return pages.html("front.html", products=[product(t) for t in t_shirts], following=None)

    @blueprint.get("/product/t-shirt/<name>")
    def one(name: str) -> Response:
        if wants_json():
            return pages.json(t_shirt_document(stock.find(name)))
        return page(name, 200, bought(), "1")

    @blueprint.post("/product/t-shirt/<name>/buy")
    def buy(name: str) -> Response:
        refuse_other_sites()
        try:
            purchase = stock.purchase(name, orders.read_quantity())
        except orders.DECLINED as error:
            return declined(name, orders.refusal(error))
        except StockUnreachable:
            raise
        except StockUnavailable as error:
            return stock_failure(pages, error, UNCERTAIN, product=path(name))
        if wants_json():
            return pages.json(purchase_document(purchase), 201)
        return redirect(f"{path(name)}?{PARAMETER}={purchase.quantity}", 303)

    @blueprint.get("/product/t-shirt/<name>/buy")
    def back(name: str) -> Response:
        return redirect(address(name), 303)

    @blueprint.get("/products/<name>")
    def other(name: str) -> Response:
        # A page is a page in every version, but a program cannot read the other one's JSON.
        if wants_json():
            raise NotFound
        return redirect(address(name), 303)

    @blueprint.post("/products/<name>/buy")
    def other_form(name: str) -> Response:
        refuse_other_sites()
        target = address(name)
        form = Form(f"{target}/buy", orders.quantity_as_typed())
        return please_repeat(pages, form, target)

    def page(name: str, status: int, notice: Notice | None, quantity: str) -> Response:
        shown = product(stock.find(name))
        form = Form(f"{address(name)}/buy", quantity, most=orders.most(shown.available))
        return pages.html("product.html", status, product=shown, notice=notice, form=form)

    def declined(name: str, refusal: orders.Refusal) -> Response:
        if wants_json():
            return pages.failure(*refusal)
        notice = Notice("alert", f"{refusal.heading}. {refusal.advice}")
        return page(name, refusal.status, notice, orders.quantity_as_typed())

    return blueprint


def address(name: str) -> str:
    """The path of a t-shirt's page; NotFound when no path can address it."""
    found = path(name)
    if found is None:
        raise NotFound
    return found
