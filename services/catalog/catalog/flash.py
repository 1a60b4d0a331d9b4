"""Messages above a page's content, announced by screen readers."""

from typing import Literal, NamedTuple

from flask import request

from .orders import LARGEST_QUANTITY, whole_number

# A purchase made with a form leads back to the t-shirt with this parameter, so that reloading the
# page shows the message again and does not buy again.
PARAMETER = "bought"


class Notice(NamedTuple):
    """A text with its ARIA role: alert interrupts, status waits."""

    role: Literal["status", "alert"]
    text: str


def bought() -> Notice | None:
    """The message about the purchase that led to this page, None if none did."""
    quantity = whole_number(request.args.get(PARAMETER, ""))
    if not 1 <= quantity <= LARGEST_QUANTITY:
        return None
    return Notice("status", f"Thank you! You bought {quantity}.")
