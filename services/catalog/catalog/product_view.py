"""What the pages show of a t-shirt, whichever version it comes from."""

from dataclasses import dataclass
from zlib import adler32

TINTS = 8
FEW = 5


@dataclass(frozen=True, slots=True)
class Product:
    """A t-shirt in words; `path` is None when no URL can address it, `tint` is below TINTS."""

    title: str
    path: str | None
    price: str
    available: int
    tint: int

    @property
    def availability(self) -> str:
        """How many are left, as a shopper would say it."""
        if self.available == 0:
            return "Sold out"
        if self.available <= FEW:
            return f"Only {self.available} left"
        return f"{self.available:,} in stock"

    @property
    def scarcity(self) -> str:
        """The same as a name for the style sheet: none, few or plenty."""
        if self.available == 0:
            return "none"
        return "few" if self.available <= FEW else "plenty"


def tint(name: str) -> int:
    """A number below TINTS that stays the same for a name, in every version and process."""
    return adler32(name.encode()) % TINTS
