"""Messages above a page's content, announced by screen readers."""

from typing import Literal, NamedTuple

from flask import request

from .orders import LARGEST_QUANTITY, parse_quantity

# A purchase with a form redirects to the t-shirt with this parameter, so that reloading the page
# shows the message again and does not buy again.
PURCHASE_PARAMETER = "bought"


class FlashMessage(NamedTuple):
    """A text with its ARIA role: alert interrupts, status waits."""

    role: Literal["status", "alert"]
    text: str


def read_purchase_message() -> FlashMessage | None:
    """Return the message about the purchase that led to this page, or None without one."""
    quantity = parse_quantity(request.args.get(PURCHASE_PARAMETER, ""))
    if not 1 <= quantity <= LARGEST_QUANTITY:
        return None
    return FlashMessage("status", f"Thank you! You bought {quantity}.")
