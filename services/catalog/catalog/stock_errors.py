"""Errors of calls to stock.

StockError
├── StockRefused            stock understood and refused; nothing was sold
│   ├── NoSuchTShirt        stock has no t-shirt of that name
│   ├── NotEnough           fewer are left than were asked for
│   ├── RequestRejected     stock does not accept the request
│   └── KeyReused           the idempotency key belongs to another purchase
└── StockUnavailable        no usable response
    ├── StockUnreachable    stock was never reached, so nothing was sold
    ├── StockTooSlow        no response in time
    ├── StockHungUp         the connection ended before the response was complete
    ├── StockFailed         stock responded with a status of 500 or above
    └── StockUnreadable     the response breaks the contract or our limits
"""


class StockError(Exception):
    """A call to stock failed. The message is for the log only."""


class StockRefused(StockError):
    """Stock understood the call and refused it; nothing has changed there."""


class NoSuchTShirt(StockRefused):
    """Stock has no t-shirt of that name."""


class NotEnough(StockRefused):
    """Fewer t-shirts are left than were asked for."""


class RequestRejected(StockRefused):
    """Stock does not accept the request, for instance its quantity or page token."""


class KeyReused(StockRefused):
    """The idempotency key belongs to another purchase."""


class StockUnavailable(StockError):
    """No usable response. A purchase may have happened, unless stock was unreachable."""


class StockUnreachable(StockUnavailable):
    """Stock was never reached: nothing was sold."""


class StockTooSlow(StockUnavailable):
    """Stock did not respond within the time that was left."""


class StockHungUp(StockUnavailable):
    """The connection ended before the response was complete."""


class StockFailed(StockUnavailable):
    """Stock responded with a status of 500 or above, kept in `status`."""

    def __init__(self, status: int) -> None:
        super().__init__(f"stock responded with status {status}")
        self.status = status


class StockUnreadable(StockUnavailable):
    """The response breaks the contract or our limits."""
