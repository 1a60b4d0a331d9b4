"""What can go wrong in the inventory, as a client may hear it.

InventoryError              500, its message is public
├── Unavailable             503, the database is away or too busy; a later try may succeed
├── UnknownTShirt           404
├── NotEnough               409
└── KeyReused               422, an Idempotency-Key that stands for another purchase
"""


class InventoryError(Exception):
    """The inventory failed. The message is shown to clients: it must not carry internals."""

    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unavailable(InventoryError):
    """The database gave no answer in time."""

    status = 503

    def __init__(self) -> None:
        super().__init__("the inventory is not available, try again later")


class UnknownTShirt(InventoryError):
    """No t-shirt goes by that name."""

    status = 404

    def __init__(self) -> None:
        super().__init__("no such t-shirt")


class NotEnough(InventoryError):
    """Fewer t-shirts are left than were asked for; nothing was sold."""

    status = 409

    def __init__(self) -> None:
        super().__init__("not enough t-shirts in stock")


class KeyReused(InventoryError):
    """The Idempotency-Key was used for another purchase; nothing was sold."""

    status = 422

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for another purchase")
