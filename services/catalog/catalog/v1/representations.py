"""Version 1's t-shirts as products for the pages, and its JSON shapes.

t-shirt   {"name", "price" (number, EUR), "quantity", "href" (null when not addressable)}
purchase  {"name", "quantity", "remaining"}
error     {"error"}
"""

from typing import Any

from ..money import formatted
from ..pages import Problem
from ..product_view import Product, tint
from ..url_segment import segment
from .stock_client import Purchase, TShirt


def path(name: str) -> str | None:
    """The address of a t-shirt's page, None when no URL can address it."""
    encoded = segment(name)
    return None if encoded is None else f"/product/t-shirt/{encoded}"


def product(t_shirt: TShirt) -> Product:
    """What a page shows of a t-shirt; v1 has no titles, so the name is made readable."""
    words = t_shirt.name.replace("-", " ").replace("t shirt", "t-shirt").strip()
    return Product(
        title=words[:1].upper() + words[1:] or t_shirt.name,
        path=path(t_shirt.name),
        price=formatted(t_shirt.price, "EUR"),
        available=t_shirt.quantity,
        tint=tint(t_shirt.name),
    )


def t_shirt_document(t_shirt: TShirt) -> dict[str, Any]:
    """A t-shirt as JSON."""
    return {
        "name": t_shirt.name,
        "price": float(t_shirt.price),
        "quantity": t_shirt.quantity,
        "href": path(t_shirt.name),
    }


def purchase_document(purchase: Purchase) -> dict[str, Any]:
    """A purchase as JSON."""
    return {
        "name": purchase.name,
        "quantity": purchase.quantity,
        "remaining": purchase.remaining,
    }


def problem(status: int, heading: str, advice: str) -> Problem:
    """An error as JSON."""
    return Problem({"error": f"{heading}. {advice}"}, "application/json")
