"""Version 2's keys: the same purchase, however often it is sent, happens once."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

keys = (f"key-{number}" for number in count())
SURFER = "/t-shirts/surfer-t-shirt/purchases"
FORMAL = "/t-shirts/formal-t-shirt/purchases"


def buy(service, key, body=None, path=SURFER):
    return service.call("POST", path, body or {"quantity": 1}, {"Idempotency-Key": key})


def test_the_same_key_gives_the_same_answer_and_sells_once(service):
    key = next(keys)
    first, second = buy(service, key), buy(service, key)
    assert (first.status, first.body) == (second.status, second.body)
    assert first.status == 201
    assert service.store.left("surfer-t-shirt") == 9


def test_an_answer_that_is_repeated_says_so(service):
    key = next(keys)
    assert "idempotent-replayed" not in buy(service, key).headers
    assert buy(service, key).headers["idempotent-replayed"] == "true"


def test_the_same_body_may_be_spelled_otherwise(service):
    key = next(keys)
    buy(service, key, {"quantity": 2, "note": "gift"})
    header = {"Idempotency-Key": key, "Content-Type": "application/json"}
    again = service.call("POST", SURFER, b'{"note":"gift",\n "quantity":2}', header)
    assert again.status == 201
    assert service.store.left("surfer-t-shirt") == 8


def test_a_purchase_that_was_refused_for_lack_of_stock_stays_refused(service):
    key = next(keys)
    assert buy(service, key, {"quantity": 11}).status == 409
    service.store.fill([{"name": "surfer-t-shirt", "price": 20, "quantity": 100}])
    again = buy(service, key, {"quantity": 11})
    assert (again.status, again.type) == (409, "application/problem+json")
    assert service.store.left("surfer-t-shirt") == 100


def test_a_purchase_of_an_unknown_t_shirt_does_not_use_up_the_key(service):
    key = next(keys)
    service.store.fill([])
    assert buy(service, key).status == 404
    service.store.fill()
    assert buy(service, key).status == 201


def test_a_request_that_was_refused_does_not_use_up_the_key(service):
    key = next(keys)
    assert buy(service, key, {"quantity": "1"}).status == 400
    assert buy(service, key).status == 201


@pytest.mark.parametrize(
    ("body", "path"),
    [({"quantity": 2}, SURFER), ({"quantity": 1}, FORMAL), ({"quantity": 1, "x": 1}, SURFER)],
)
def test_the_same_key_for_another_purchase_is_refused_and_sells_nothing(service, body, path):
    key = next(keys)
    assert buy(service, key).status == 201
    reply = buy(service, key, body, path)
    assert (reply.status, reply.type) == (422, "application/problem+json")
    assert (service.store.left("surfer-t-shirt"), service.store.left("formal-t-shirt")) == (9, 2)


def test_a_key_expires_after_a_day(service):
    key = next(keys)
    buy(service, key)
    age = "UPDATE idempotency_keys SET created_at = created_at - :seconds WHERE key = :key"
    service.store.sql(age, key=key, seconds=24 * 60 * 60 - 100)
    buy(service, key)
    assert service.store.left("surfer-t-shirt") == 9
    service.store.sql(age, key=key, seconds=100)
    assert buy(service, key, {"quantity": 2}).status == 201
    assert service.store.left("surfer-t-shirt") == 7


def test_expired_keys_are_cleared_away(service):
    service.store.sql("DELETE FROM idempotency_keys")
    for _ in range(15):
        buy(service, next(keys), {"quantity": 1_000})
    service.store.sql("UPDATE idempotency_keys SET created_at = 1")
    newest = next(keys)
    buy(service, newest)
    assert service.store.sql("SELECT key FROM idempotency_keys") == [{"key": newest}]


def test_a_purchase_without_a_key_is_refused(service):
    reply = service.call("POST", SURFER, {"quantity": 1})
    assert reply.status == 400
    assert "Idempotency-Key" in reply.json()["detail"]


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "caf\xe9", "tab\there"])
def test_a_key_that_cannot_be_kept_is_refused(service, key):
    reply = buy(service, key)
    assert reply.status == 400
    assert "Idempotency-Key" in reply.json()["detail"]
    assert service.store.left("surfer-t-shirt") == 10


def test_the_longest_key_is_accepted(service):
    assert buy(service, "k" * 255).status == 201


def test_a_key_sent_many_times_at_once_through_two_processes_sells_once(service, start):
    other = start(service.store, service.api)
    for key in (next(keys), next(keys)):
        service.store.fill()
        with ThreadPoolExecutor(16) as pool:
            replies = list(
                pool.map(lambda n, key=key: buy((service, other)[n % 2], key), range(32))
            )
        assert {(reply.status, reply.body) for reply in replies} == {(201, replies[0].body)}
        assert service.store.left("surfer-t-shirt") == 9
