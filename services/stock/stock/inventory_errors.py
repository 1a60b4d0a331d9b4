"""Errors of the inventory, with messages for clients.

InventoryError              500, its message is public
├── InventoryUnavailable    503, the database is away or too busy; a later try may succeed
├── UnknownTShirt           404
├── InsufficientStock       409
└── IdempotencyKeyReused    422, the key belongs to another purchase
"""


class InventoryError(Exception):
    """The inventory failed. The message is shown to clients: it must not carry internals."""

    status = 500
    message = "the inventory failed"

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.message
        super().__init__(self.message)


class InventoryUnavailable(InventoryError):
    """The database did not answer in time."""

    status = 503
    message = "the inventory is not available, try again later"


class UnknownTShirt(InventoryError):
    """No t-shirt has that name."""

    status = 404
    message = "no such t-shirt"


class InsufficientStock(InventoryError):
    """Fewer t-shirts are left than were asked for; nothing was sold."""

    status = 409
    message = "not enough t-shirts in stock"


class IdempotencyKeyReused(InventoryError):
    """The Idempotency-Key belongs to another purchase; nothing was sold."""

    status = 422
    message = "this Idempotency-Key was used for another purchase"
