"""Version 2 of catalog: t-shirts have a SKU, a title and a currency; it speaks to stock v2."""

from .representations import problem
from .routes import shop
from .stock_client import CALLS, Stock

__all__ = ["CALLS", "Stock", "problem", "shop"]
