"""Amounts of money as English text."""

from decimal import Decimal

SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}
# ISO 4217: every other currency has two decimal places.
PLACES = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def format_amount(amount: Decimal, currency: str) -> str:
    """Return an amount in major units as text, such as €1,234.50 or CHF 20.00."""
    digits = f"{amount:,.{PLACES.get(currency, 2)}f}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{digits}" if symbol else f"{currency}\N{NO-BREAK SPACE}{digits}"


def format_minor_amount(amount: int, currency: str) -> str:
    """Return an amount in minor units as text: 2000 EUR is €20.00."""
    return format_amount(Decimal(amount).scaleb(-PLACES.get(currency, 2)), currency)
