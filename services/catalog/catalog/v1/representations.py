"""Version 1's t-shirts as the pages show them, and its JSON formats.

t-shirt   {"name", "price" (number, EUR), "quantity", "href" (null without a path)}
purchase  {"name", "quantity", "remaining"}
error     {"error"}
"""

from typing import Any

from ..pages import ErrorDocument
from ..product_view import ProductView, choose_tint, format_amount
from ..url_segment import encode_segment
from .stock_client import Purchase, StockItem


def product_path(name: str) -> str | None:
    """Return the path of a t-shirt's page, or None if no path can address it."""
    encoded = encode_segment(name)
    return None if encoded is None else f"/product/t-shirt/{encoded}"


def view_product(item: StockItem) -> ProductView:
    """Return a t-shirt for a page. V1 has no titles, so the title is the name made readable."""
    words = item.name.replace("-", " ").replace("t shirt", "t-shirt").strip()
    return ProductView(
        title=words[:1].upper() + words[1:] or item.name,
        path=product_path(item.name),
        price=format_amount(item.price, "EUR"),
        available=item.quantity,
        tint=choose_tint(item.name),
    )


def format_item(item: StockItem) -> dict[str, Any]:
    """Return a t-shirt as JSON."""
    return {
        "name": item.name,
        "price": float(item.price),
        "quantity": item.quantity,
        "href": product_path(item.name),
    }


def format_purchase(purchase: Purchase) -> dict[str, Any]:
    """Return a purchase as JSON."""
    return {"name": purchase.name, "quantity": purchase.quantity, "remaining": purchase.remaining}


def format_error(status: int, heading: str, advice: str) -> ErrorDocument:
    """Return an error as JSON."""
    return ErrorDocument({"error": f"{heading}. {advice}"}, "application/json")
