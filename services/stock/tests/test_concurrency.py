"""Both versions, several processes each, many shoppers: what was sold is what is gone."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

STOCK = 150
SHOPPERS = 16


@pytest.fixture
def shop(store, start):
    store.migrate(1)
    store.migrate(2)
    store.fill([{"name": "surfer-t-shirt", "price": 20, "quantity": STOCK}])
    return [(start(store, version), version) for version in (1, 2, 1, 2)]


def buy(service, version, quantity):
    if version == 1:
        return service.call("POST", "/t-shirt/surfer-t-shirt/purchase", {"quantity": quantity})
    key = {"Idempotency-Key": str(uuid4())}
    path = "/t-shirts/surfer-t-shirt/purchases"
    return service.call("POST", path, {"quantity": quantity}, key)


def test_a_run_on_the_shop_sells_exactly_what_there_was(shop):
    def shopper(seed):
        choose, answers = random.Random(seed), []
        for _ in range(12):
            service, version = choose.choice(shop)
            quantity = choose.choice((1, 1, 2, 3))
            answers.append((buy(service, version, quantity), quantity))
        return answers

    with ThreadPoolExecutor(SHOPPERS) as pool:
        answers = [answer for bought in pool.map(shopper, range(SHOPPERS)) for answer in bought]

    # Twice as many were asked for as there are: some asked in vain, nobody met an error.
    assert {reply.status for reply, _ in answers} == {201, 409}
    sold = [
        (reply.json()["remaining"], quantity) for reply, quantity in answers if reply.status == 201
    ]
    left = shop[0][0].store.left("surfer-t-shirt")
    assert sum(quantity for _, quantity in sold) + left == STOCK
    # In the order of what was left, each sale begins where the one before it ended.
    expected = STOCK
    for remaining, quantity in sorted(sold, reverse=True):
        expected -= quantity
        assert remaining == expected
    assert left == expected


def test_version_2_arrives_in_the_middle_of_the_rush_and_no_request_fails(store, start):
    store.migrate(1)
    store.fill([{"name": "surfer-t-shirt", "price": 20, "quantity": 100_000}])
    services = [(start(store, 1), 1)]
    arrived = threading.Event()

    def shopper(number):
        statuses = []
        while len(statuses) < 10 or not arrived.is_set():
            statuses.append(buy(*services[number % len(services)], 1).status)
        # Once more, when the newer version sells too.
        return [*statuses, *(buy(*services[number % len(services)], 1).status for _ in range(3))]

    with ThreadPoolExecutor(6) as pool:
        shoppers = [pool.submit(shopper, number) for number in range(6)]
        try:
            store.migrate(2)
            services.append((start(store, 2), 2))
        finally:
            arrived.set()
        statuses = [status for shopper in shoppers for status in shopper.result()]
    assert set(statuses) == {201}
    assert len(statuses) + store.left("surfer-t-shirt") == 100_000


def test_both_versions_see_what_is_left(shop):
    buy(*shop[0], 5)
    buy(*shop[1], 7)
    assert [
        shop[0][0].call("GET", "/t-shirt/surfer-t-shirt").json()["quantity"],
        shop[1][0].call("GET", "/t-shirts/surfer-t-shirt").json()["available"],
    ] == [STOCK - 12, STOCK - 12]


def test_a_process_that_is_killed_in_the_rush_loses_no_purchase(shop):
    victim = shop[1][0]

    def shopper(number):
        if number == 20:
            victim.process.kill()
        try:
            return buy(*shop[number % 2], 1).status
        except OSError:
            return None

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(shopper, range(60)))
    acknowledged = statuses.count(201)
    gone = STOCK - shop[0][0].store.left("surfer-t-shirt")
    # A purchase whose answer was cut off may have happened; one that was answered has happened.
    assert acknowledged <= gone <= acknowledged + statuses.count(None)
    assert acknowledged >= 30


def test_on_sqlite_a_sale_never_waits_for_the_disk(new_store):
    store = new_store("sqlite")
    store.migrate(1)
    # 1 is NORMAL: only checkpoints reach the disk, and they hold nobody up.
    assert store.sql("PRAGMA synchronous") == [{"synchronous": 1}]
