"""The inventory by itself, with names that no server lets through to it."""

from importlib import import_module

import pytest

from stock.database import Database, parse_database_url
from stock.inventory_errors import UnknownTShirt


@pytest.fixture
def inventory(store, api):
    store.migrate(api.VERSION)
    database = Database(parse_database_url(store.url))
    yield import_module(f"stock.v{api.VERSION}.t_shirts").open_inventory(database)
    database.engine.dispose()


@pytest.mark.parametrize("name", ["\0", "surfer-t-shirt\0", "\ud800", "\udfff-t-shirt"])
def test_a_name_that_no_database_can_hold_is_unknown(inventory, name):
    with pytest.raises(UnknownTShirt):
        inventory.find(name)
    with pytest.raises(UnknownTShirt):
        inventory.sell(name, 1)


@pytest.mark.parametrize("name", ["a\u00a0b", "\u200b", "\U0001f455", "a\tb", "a/b", "'; --"])
def test_a_name_that_a_database_can_hold_is_found(inventory, store, api, name):
    store.fill([{"name": name, "price": 1, "quantity": 1}])
    assert getattr(inventory.find(name), api.NAME) == name
    assert inventory.sell(name, 1).remaining == 0
