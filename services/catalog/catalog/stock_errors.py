"""Everything that can go wrong between catalog and stock.

StockError
├── StockRefused            stock understood and said no; nothing was sold
│   ├── NoSuchTShirt        it has no t-shirt of that name
│   ├── NotEnough           fewer are left than were asked for
│   ├── RequestRejected     it does not accept what was sent
│   └── KeyReused           the idempotency key belongs to another purchase
└── StockUnavailable        no usable answer
    ├── StockUnreachable    stock was never reached, so nothing was sold
    ├── StockTooSlow        no answer in time
    ├── StockHungUp         the connection ended before the whole answer was here
    ├── StockFailed         stock answered with a failure of its own
    └── StockUnreadable     stock gave an answer that we cannot read or use
"""


class StockError(Exception):
    """A call to stock did not give what was asked for. Its text is for the log only."""


class StockRefused(StockError):
    """Stock understood the call and declined it; nothing has changed there."""


class NoSuchTShirt(StockRefused):
    """Stock has no t-shirt of that name."""


class NotEnough(StockRefused):
    """Fewer t-shirts are left than were asked for."""


class RequestRejected(StockRefused):
    """Stock does not accept what was sent, for instance the quantity or a page token."""


class KeyReused(StockRefused):
    """The idempotency key has already been used for a different purchase."""


class StockUnavailable(StockError):
    """No usable answer. Whether a purchase happened is unknown, unless stock was unreachable."""


class StockUnreachable(StockUnavailable):
    """Stock was never reached: nothing was sold."""


class StockTooSlow(StockUnavailable):
    """Stock did not answer within the time that was left."""


class StockHungUp(StockUnavailable):
    """The connection ended before the whole answer had arrived."""


class StockFailed(StockUnavailable):
    """Stock answered with a status of 500 or above, kept in `status`."""

    def __init__(self, status: int) -> None:
        super().__init__(f"stock answered {status}")
        self.status = status


class StockUnreadable(StockUnavailable):
    """Stock gave an answer that breaks its contract or our limits."""
