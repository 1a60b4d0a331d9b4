"""Version 1 of catalog: t-shirts have a name and a price in euros; it speaks to stock v1."""

from .representations import problem
from .routes import shop
from .stock_client import CALLS, Stock

__all__ = ["CALLS", "Stock", "problem", "shop"]
