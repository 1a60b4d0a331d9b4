"""The states that contracts name can be set up in test code, without touching the service."""

import pytest

from stock.app import create_app
from stock.inventory_errors import InventoryError, UnknownTShirt


class Failing:
    """An inventory in which everything fails."""

    def __init__(self, error):
        self.error = error

    def __getattr__(self, name):
        def fail(*_args, **_kwargs):
            raise self.error

        return fail


@pytest.fixture
def app(store, api, environment_of):
    store.migrate(api.VERSION)
    app = create_app(environment_of(store, api.VERSION))
    yield app
    app.extensions["database"].engine.dispose()


def get(app, api):
    return app.test_client().get(api.item_path())


def message(answer, api):
    assert answer.mimetype == api.ERROR_TYPE
    return api.error_message(answer.get_json(force=True))


def test_the_stock_is_not_empty(app, api, store):
    store.fill()
    items = api.items(app.test_client().get(api.LIST).get_json())
    names = {item[api.NAME] for item in items}
    assert names >= {"surfer-t-shirt", "formal-t-shirt"}


def test_a_t_shirt_exists(app, api, store):
    store.fill([{"name": "surfer-t-shirt", "price": 20, "quantity": 1}])
    assert get(app, api).status_code == 200


def test_there_is_not_a_t_shirt_of_that_name(app, api, store):
    store.fill([])
    answer = get(app, api)
    assert (answer.status_code, message(answer, api)) == (404, UnknownTShirt().message)


def test_an_error_of_the_inventory_tells_its_own_message(app, api):
    app.extensions["inventory"] = Failing(InventoryError("Argh!!!"))
    answer = get(app, api)
    assert (answer.status_code, message(answer, api)) == (500, "Argh!!!")


def test_an_unexpected_error_tells_nothing_to_the_client_and_all_to_the_log(app, api, capfd):
    app.extensions["inventory"] = Failing(RuntimeError("a secret"))
    answer = get(app, api)
    assert (answer.status_code, message(answer, api)) == (500, "internal error")
    assert "RuntimeError: a secret" in capfd.readouterr().err
