"""T-shirts and prices as the pages show them, in every version."""

from dataclasses import dataclass
from decimal import Decimal
from zlib import adler32

TINTS = 8
FEW = 5
SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}
# ISO 4217: every other currency has two decimal places.
PLACES = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


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


def format_amount(amount: Decimal, currency: str) -> str:
    """Return an amount in major units as text, such as €1,234.50 or CHF 20.00."""
    digits = f"{amount:,.{PLACES.get(currency, 2)}f}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{digits}" if symbol else f"{currency}\N{NO-BREAK SPACE}{digits}"


def format_minor_amount(amount: int, currency: str) -> str:
    """Return an amount in minor units as text: 2000 EUR is €20.00."""
    return format_amount(Decimal(amount).scaleb(-PLACES.get(currency, 2)), currency)
