"""Version 2 of catalog: t-shirts have a SKU, a title and a currency; it speaks to stock v2."""

from catalog.v2.representations import problem
from catalog.v2.shop import shop
from catalog.v2.stock import CALLS, Stock

__all__ = ["CALLS", "Stock", "problem", "shop"]
