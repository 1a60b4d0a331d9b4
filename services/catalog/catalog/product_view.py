"""T-shirts as the pages show them, in every version."""

from dataclasses import dataclass
from zlib import adler32

TINTS = 8
FEW = 5


@dataclass(frozen=True, slots=True)
class ProductView:
    """A t-shirt in words; `path` is None if no URL can address it, `tint` is below TINTS."""

    title: str
    path: str | None
    price: str
    available: int
    tint: int

    @property
    def availability(self) -> str:
        """The number that is left, in words for shoppers."""
        if self.available == 0:
            return "Sold out"
        if self.available <= FEW:
            return f"Only {self.available} left"
        return f"{self.available:,} in stock"

    @property
    def scarcity(self) -> str:
        """The number that is left, as a class of the style sheet: none, few or plenty."""
        if self.available == 0:
            return "none"
        return "few" if self.available <= FEW else "plenty"


def choose_tint(name: str) -> int:
    """Return a number below TINTS, the same for a name in every version and process."""
    return adler32(name.encode()) % TINTS
