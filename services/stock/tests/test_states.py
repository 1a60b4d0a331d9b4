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


@pytest.fixture(params=[1, 2])
def version(request):
    return request.param


@pytest.fixture
def app(store, version, environment_of):
    store.migrate(version)
    app = create_app(environment_of(store, version))
    yield app
    app.extensions["database"].engine.dispose()


def get(app, version):
    path = "/t-shirt/surfer-t-shirt" if version == 1 else "/t-shirts/surfer-t-shirt"
    return app.test_client().get(path)


def message(answer, version):
    assert answer.mimetype == ("application/json" if version == 1 else "application/problem+json")
    return answer.get_json()["error" if version == 1 else "detail"]


def test_the_stock_is_not_empty(app, version, store):
    store.fill()
    listed = app.test_client().get("/t-shirt" if version == 1 else "/t-shirts").get_json()
    items = listed if version == 1 else listed["items"]
    names = {item.get("name", item.get("sku")) for item in items}
    assert names >= {"surfer-t-shirt", "formal-t-shirt"}


def test_a_t_shirt_exists(app, version, store):
    store.fill([{"name": "surfer-t-shirt", "price": 20, "quantity": 1}])
    assert get(app, version).status_code == 200


def test_there_is_not_a_t_shirt_of_that_name(app, version, store):
    store.fill([])
    answer = get(app, version)
    assert (answer.status_code, message(answer, version)) == (404, UnknownTShirt().message)


def test_an_error_of_the_inventory_tells_its_own_message(app, version):
    app.extensions["inventory"] = Failing(InventoryError("Argh!!!"))
    answer = get(app, version)
    assert (answer.status_code, message(answer, version)) == (500, "Argh!!!")


def test_an_unexpected_error_tells_nothing_to_the_client_and_all_to_the_log(app, version, capfd):
    app.extensions["inventory"] = Failing(RuntimeError("a secret"))
    answer = get(app, version)
    assert (answer.status_code, message(answer, version)) == (500, "internal error")
    assert "RuntimeError: a secret" in capfd.readouterr().err
