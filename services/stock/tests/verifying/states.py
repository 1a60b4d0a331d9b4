"""The provider states that pacts may name, set up inside the process that serves.

They are states of the inventory, which all versions of the API share, so one handler serves them
all. A handler adds to what those before it did; between interactions everything is put back.
"""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from flask import Flask
from sqlalchemy import Connection, inspect, text

from stock.inventory_errors import InventoryError

Parameters = Mapping[str, Any]
Values = Mapping[str, object]
"""The values that a state passes to the pact, for requests that depend on them."""


class _Failing:
    """An inventory in which everything fails."""

    def __getattr__(self, _name: str) -> Callable[..., NoReturn]:
        def fail(*_arguments: object) -> NoReturn:
            raise InventoryError("Argh!!!")

        return fail


def reset(app: Flask) -> None:
    """Restore a working, empty inventory, and delete all idempotency keys."""
    app.extensions["inventory"] = app.extensions.setdefault("sound", app.extensions["inventory"])
    with app.extensions["database"].writing() as connection:
        connection.execute(text("DELETE FROM t_shirts"))
        if inspect(connection).has_table("idempotency_keys"):
            connection.execute(text("DELETE FROM idempotency_keys"))


def _not_empty(app: Flask, _parameters: Parameters) -> None:
    _put(app, "surfer-t-shirt", 20, 10)
    _put(app, "formal-t-shirt", 35.5, 2)


def _exists(app: Flask, _parameters: Parameters) -> None:
    _put(app, "surfer-t-shirt", 20, 10)


def _one_left(app: Flask, _parameters: Parameters) -> None:
    _put(app, "surfer-t-shirt", 20, 1)


def _does_not_exist(app: Flask, _parameters: Parameters) -> None:
    with app.extensions["database"].writing() as connection:
        _remove(connection, "surfer-t-shirt")


def _fails(app: Flask, _parameters: Parameters) -> None:
    app.extensions["inventory"] = _Failing()


def _first_page_read(app: Flask, _parameters: Parameters) -> Values:
    _not_empty(app, {})
    # The token is opaque: only stock can make one.
    page = app.test_client().get("/t-shirts?limit=1").get_json()
    return {"after": page["next"]} if page.get("next") else {}


def _bought_under_a_key(app: Flask, parameters: Parameters) -> None:
    _exists(app, {})
    app.test_client().post(
        "/t-shirts/surfer-t-shirt/purchases",
        headers={"Idempotency-Key": str(parameters["key"])},
        json={"quantity": parameters["quantity"]},
    )


STATES: Mapping[str, Callable[[Flask, Parameters], Values | None]] = {
    "the t-shirt stock is not empty": _not_empty,
    "a t-shirt exists": _exists,
    "there is not a t-shirt with name surfer-t-shirt": _does_not_exist,
    "an error occurs retrieving a t-shirt": _fails,
    "one t-shirt is left": _one_left,
    "the first page of one t-shirt was read": _first_page_read,
    "t-shirts were bought under an idempotency key": _bought_under_a_key,
}


def _put(app: Flask, name: str, price: float, quantity: int) -> None:
    """Insert a row as version 1 does: every schema that serves version 1 accepts that."""
    with app.extensions["database"].writing() as connection:
        _remove(connection, name)
        connection.execute(
            text("INSERT INTO t_shirts (name, price, quantity) VALUES (:name, :price, :quantity)"),
            {"name": name, "price": price, "quantity": quantity},
        )


def _remove(connection: Connection, name: str) -> None:
    connection.execute(text("DELETE FROM t_shirts WHERE name = :name"), {"name": name})
