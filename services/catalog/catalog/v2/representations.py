"""Version 2's t-shirts as products for the pages, and its JSON shapes.

t-shirt   {"sku", "title", "price": {"amount" (minor units), "currency"}, "available", "href"}
purchase  {"sku", "quantity", "remaining"}
error     application/problem+json (RFC 9457): {"title", "status", "detail"}

`href` is null when no URL can address the t-shirt.
"""

from typing import Any

from ..money import formatted_minor
from ..pages import Problem
from ..product_view import Product, tint
from ..url_segment import segment
from .stock_client import Purchase, TShirt


def path(sku: str) -> str | None:
    """The address of a t-shirt's page, None when no URL can address it."""
    encoded = segment(sku)
    return None if encoded is None else f"/products/{encoded}"


def product(t_shirt: TShirt) -> Product:
    """What a page shows of a t-shirt."""
    return Product(
        title=t_shirt.title,
        path=path(t_shirt.sku),
        price=formatted_minor(t_shirt.price.amount, t_shirt.price.currency),
        available=t_shirt.available,
        tint=tint(t_shirt.sku),
    )


def t_shirt_document(t_shirt: TShirt) -> dict[str, Any]:
    """A t-shirt as JSON."""
    return {
        "sku": t_shirt.sku,
        "title": t_shirt.title,
        "price": {"amount": t_shirt.price.amount, "currency": t_shirt.price.currency},
        "available": t_shirt.available,
        "href": path(t_shirt.sku),
    }


def purchase_document(purchase: Purchase) -> dict[str, Any]:
    """A purchase as JSON."""
    return {"sku": purchase.sku, "quantity": purchase.quantity, "remaining": purchase.remaining}


def problem(status: int, heading: str, advice: str) -> Problem:
    """An error as JSON."""
    document = {"title": heading, "status": status, "detail": advice}
    return Problem(document, "application/problem+json")
