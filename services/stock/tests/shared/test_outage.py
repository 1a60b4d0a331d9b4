"""A database that is away, slow or not ready: clear answers in bounded time, then recovery."""

import socket
import threading
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url


@pytest.fixture
def own_service(store, start, api):
    store.migrate(api.VERSION)
    return start(store, api)


def listing(service):
    return service.call("GET", service.api.LIST)


def is_unavailable(service, reply):
    assert (reply.status, reply.type) == (503, service.api.ERROR_TYPE)
    assert reply.headers["retry-after"] == "1"
    message = "the inventory is not available, try again later"
    assert service.api.error_message(reply.json()) == message
    return True


def test_a_database_that_goes_away_is_503_and_its_return_is_noticed(
    new_store, start, api, postgres
):
    store = new_store("postgresql")
    store.migrate(api.VERSION)
    service = start(store, api)
    name = make_url(store.url).database
    assert listing(service).status == 200
    assert service.call("GET", "/readyz").status == 200
    postgres.psql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres.psql(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    assert is_unavailable(service, listing(service))
    assert service.call("GET", "/readyz").status == 503
    assert service.call("GET", "/livez").status == 200
    postgres.psql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert listing(service).status == 200
    assert service.call("GET", "/readyz").status == 200


def test_a_connection_that_breaks_while_idle_fails_no_request(new_store, start, api, postgres):
    store = new_store("postgresql")
    store.migrate(api.VERSION)
    service = start(store, api)
    name = make_url(store.url).database
    for _ in range(3):
        assert listing(service).status == 200
        postgres.psql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
    assert listing(service).status == 200


def test_a_database_file_that_is_not_there_is_503_until_it_is(new_store, start, api):
    store = new_store("sqlite")
    service = start(store, api)
    assert is_unavailable(service, listing(service))
    assert service.call("GET", "/readyz").status == 503
    assert service.call("GET", "/livez").status == 200
    store.migrate(api.VERSION)
    assert listing(service).status == 200
    assert service.call("GET", "/readyz").status == 200


def test_a_database_that_accepts_and_never_answers_is_503(new_store, start, api):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        silent = replace(new_store("sqlite"), url=f"postgresql://stock@127.0.0.1:{port}/stock")
        service = start(silent, api)
        assert is_unavailable(service, listing(service))


def test_a_purchase_that_waits_for_a_lock_too_long_is_503_and_sells_nothing(
    own_service, api, store
):
    service, path = own_service, api.purchase_path()
    locked, done = threading.Event(), threading.Event()
    holder = threading.Thread(target=hold_a_lock, args=(store, locked, done))
    holder.start()
    try:
        assert locked.wait(10)
        reply = service.call("POST", path, {"quantity": 1}, {"Idempotency-Key": "waits"})
        assert is_unavailable(service, reply)
        assert listing(service).status == 200
    finally:
        done.set()
        holder.join()
    again = service.call("POST", path, {"quantity": 1}, {"Idempotency-Key": "waits"})
    assert (again.status, again.json()["remaining"]) == (201, 9)


def hold_a_lock(store, locked, done):
    with store.transaction() as connection:
        connection.execute(text("UPDATE t_shirts SET quantity = quantity"))
        locked.set()
        done.wait(20)


def test_a_schema_that_is_behind_is_not_ready(store, start, api):
    for revision in range(1, api.VERSION):
        store.migrate(revision)
    service = start(store, api)
    assert service.call("GET", "/readyz").status == 503
    store.migrate(api.VERSION)
    assert service.call("GET", "/readyz").status == 200


def test_a_database_without_a_schema_is_not_ready(store, start, api):
    assert start(store, api).call("GET", "/readyz").status == 503


def test_a_schema_that_is_ahead_is_ready(store, start, api):
    store.migrate(api.VERSION)
    store.sql("UPDATE alembic_version SET version_num = '99'")
    assert start(store, api).call("GET", "/readyz").status == 200
