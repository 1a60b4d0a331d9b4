"""Version 2's t-shirts as the pages show them, and its JSON formats.

t-shirt   {"sku", "title", "price": {"amount" (minor units), "currency"}, "available", "href"}
purchase  {"sku", "quantity", "remaining"}
error     application/problem+json (RFC 9457): {"title", "status", "detail"}

`href` is null if no path can address the t-shirt.
"""

from typing import Any

from ..pages import ErrorDocument
from ..product_view import ProductView, choose_tint, format_minor_amount
from ..url_segment import encode_segment
from .stock_client import Purchase, StockItem


def product_path(sku: str) -> str | None:
    """Return the path of a t-shirt's page, or None if no path can address it."""
    encoded = encode_segment(sku)
    return None if encoded is None else f"/products/{encoded}"


def view_product(item: StockItem) -> ProductView:
    """Return a t-shirt for a page."""
    return ProductView(
        title=item.title,
        path=product_path(item.sku),
        price=format_minor_amount(item.price.amount, item.price.currency),
        available=item.available,
        tint=choose_tint(item.sku),
    )


def format_item(item: StockItem) -> dict[str, Any]:
    """Return a t-shirt as JSON."""
    return {
        "sku": item.sku,
        "title": item.title,
        "price": {"amount": item.price.amount, "currency": item.price.currency},
        "available": item.available,
        "href": product_path(item.sku),
    }


def format_purchase(purchase: Purchase) -> dict[str, Any]:
    """Return a purchase as JSON."""
    return {"sku": purchase.sku, "quantity": purchase.quantity, "remaining": purchase.remaining}


def format_error(status: int, heading: str, advice: str) -> ErrorDocument:
    """Return an error as JSON."""
    document = {"title": heading, "status": status, "detail": advice}
    return ErrorDocument(document, "application/problem+json")
