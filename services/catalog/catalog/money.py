"""Amounts of money as English text."""

from decimal import Decimal

SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}
# ISO 4217: every other currency has two decimal places.
PLACES = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def formatted(amount: Decimal, currency: str) -> str:
    """An amount in major units, such as €1,234.50 or CHF 20.00."""
    digits = f"{amount:,.{PLACES.get(currency, 2)}f}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{digits}" if symbol else f"{currency}\N{NO-BREAK SPACE}{digits}"


def formatted_minor(amount: int, currency: str) -> str:
    """The same for an amount in minor units: 2000 EUR is €20.00."""
    return formatted(Decimal(amount).scaleb(-PLACES.get(currency, 2)), currency)
