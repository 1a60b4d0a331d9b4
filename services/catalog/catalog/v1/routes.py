"""Version 1's pages.

    GET  /                            all t-shirts
    GET  /product/t-shirt/{name}      one of them, with a form to buy it
    POST /product/t-shirt/{name}/buy  a form, which redirects to the t-shirt, or JSON {"quantity"}

Version 2's addresses redirect here: on a host of both versions, a browser may hold a page of
either.
"""

from flask import Blueprint, redirect
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from .. import orders
from ..error_handlers import ask_to_repeat, render_stock_error
from ..orders import OrderForm
from ..pages import PURCHASE_PARAMETER, FlashMessage, Pages, read_purchase_message, wants_json
from ..security_headers import require_same_origin
from ..stock_errors import StockUnavailable, StockUnreachable
from .representations import format_item, format_purchase, product_path, view_product
from .stock_client import StockClient

UNCERTAIN = (
    "We sent your order, but got no answer from our stockroom: it may or may not have been taken. "
    "Before you order again, please see how many are left."
)


def create_routes(stock: StockClient, pages: Pages) -> Blueprint:
    """Return the routes of this version."""
    blueprint = Blueprint("shop", __name__)

    @blueprint.get("/")
    def list_products() -> Response:
        items = stock.list()
        if wants_json():
            return pages.render_json({"t-shirts": [format_item(item) for item in items]})
        products = [view_product(item) for item in items]
        return pages.render_html("front.html", products=products, next_page=None)

    @blueprint.get("/product/t-shirt/<name>")
    def show_product(name: str) -> Response:
        if wants_json():
            return pages.render_json(format_item(stock.find(name)))
        return render_product(name, 200, read_purchase_message(), "1")

    @blueprint.post("/product/t-shirt/<name>/buy")
    def buy(name: str) -> Response:
        require_same_origin()
        try:
            purchase = stock.purchase(name, orders.read_quantity())
        except orders.REFUSED as error:
            return render_refusal(name, orders.REFUSALS[type(error)])
        except StockUnreachable:
            raise
        except StockUnavailable as error:
            return render_stock_error(pages, error, UNCERTAIN, product=product_path(name))
        if wants_json():
            return pages.render_json(format_purchase(purchase), 201)
        return redirect(f"{product_path(name)}?{PURCHASE_PARAMETER}={purchase.quantity}", 303)

    @blueprint.get("/product/t-shirt/<name>/buy")
    def redirect_from_form(name: str) -> Response:
        return redirect(require_path(name), 303)

    @blueprint.get("/products/<name>")
    def redirect_other_version(name: str) -> Response:
        # Shoppers can read the page of any version; a program cannot read another version's JSON.
        if wants_json():
            raise NotFound
        return redirect(require_path(name), 303)

    @blueprint.post("/products/<name>/buy")
    def refuse_other_form(name: str) -> Response:
        require_same_origin()
        path = require_path(name)
        form = OrderForm(f"{path}/buy", orders.read_typed_quantity())
        return ask_to_repeat(pages, form, path)

    def render_product(
        name: str, status: int, flash: FlashMessage | None, quantity: str
    ) -> Response:
        product = view_product(stock.find(name))
        most = min(product.available, orders.LARGEST_QUANTITY)
        form = OrderForm(f"{require_path(name)}/buy", quantity, most=most)
        return pages.render_html("product.html", status, product=product, flash=flash, form=form)

    def render_refusal(name: str, refusal: orders.Refusal) -> Response:
        if wants_json():
            return pages.render_error(*refusal)
        flash = FlashMessage("alert", f"{refusal.heading}. {refusal.advice}")
        return render_product(name, refusal.status, flash, orders.read_typed_quantity())

    return blueprint


def require_path(name: str) -> str:
    """Return the path of a t-shirt's page; raise NotFound if no path can address it."""
    path = product_path(name)
    if path is None:
        raise NotFound
    return path
