"""Version 1 of catalog: t-shirts have a name and a price in euros; it speaks to stock v1."""

from catalog.v1.representations import problem
from catalog.v1.shop import shop
from catalog.v1.stock import CALLS, Stock

__all__ = ["CALLS", "Stock", "problem", "shop"]
