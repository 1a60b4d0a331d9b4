"""`python -m stock.migrate`, as the release's Job runs it: a process of its own."""

import json
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError


@pytest.fixture
def run(environment_of):
    """Starts a migration of that version; more of them may run at once."""

    def begin(store, version, **changed):
        return subprocess.Popen(
            [sys.executable, "-m", "stock.migrate"],
            env=environment_of(store, version) | changed,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


@pytest.fixture
def migrated(run):
    """Runs one migration to its end: exit code, output, error output."""

    def finish(store, version, **changed):
        process = run(store, version, **changed)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    return finish


def revision(store):
    return store.sql("SELECT version_num FROM alembic_version")[0]["version_num"]


def test_an_empty_database_gets_the_schema_of_the_version_and_the_seed(store, migrated, api):
    version = api.VERSION
    code, output, errors = migrated(store, version)
    assert (code, errors) == (0, "")
    assert output == f"stock.migrate: the schema went from revision none to {version}\n"
    assert revision(store) == str(version)
    names = [row["name"] for row in store.sql("SELECT name FROM t_shirts ORDER BY id")]
    assert names[:2] == ["surfer-t-shirt", "formal-t-shirt"]
    assert len(names) > 4


def test_the_seed_is_the_same_whether_version_1_was_there_first_or_not(new_store, migrated):
    query = "SELECT name, price, quantity, sku, title, price_minor FROM t_shirts ORDER BY id"
    shops = [new_store(engine) for engine in ("sqlite", "sqlite", "postgresql", "postgresql")]
    for shop, versions in zip(shops, ((1, 2), (2,)) * 2, strict=True):
        for version in versions:
            assert migrated(shop, version)[0] == 0
    inventories = [
        [{**row, "price": float(row["price"])} for row in shop.sql(query)] for shop in shops
    ]
    assert all(inventory == inventories[0] for inventory in inventories)


@pytest.mark.parametrize("row", ["'new', -1, 1", "'new', 1, -1", "'surfer-t-shirt', 1, 1"])
def test_version_1s_table_refuses_what_makes_no_sense(store, row):
    store.migrate(1)
    with pytest.raises(DBAPIError):
        store.sql(f"INSERT INTO t_shirts (name, price, quantity) VALUES ({row})")


def test_a_second_run_changes_nothing(store, migrated):
    migrated(store, 1)
    store.sql("UPDATE t_shirts SET quantity = 1")
    store.sql("DELETE FROM t_shirts WHERE name = 'formal-t-shirt'")
    before = store.sql("SELECT * FROM t_shirts")
    code, output, _ = migrated(store, 1)
    assert (code, output) == (
        0,
        "stock.migrate: the schema is at revision 1, 1 is needed: nothing to do\n",
    )
    assert store.sql("SELECT * FROM t_shirts") == before


def test_expanding_keeps_what_is_left_of_the_stock_and_does_not_seed_again(store, migrated):
    migrated(store, 1)
    store.fill([{"name": "a-t-shirt", "price": 0.29, "quantity": 5}])
    assert migrated(store, 2)[0] == 0
    (row,) = store.sql("SELECT sku, title, price_minor, currency, quantity FROM t_shirts")
    assert row == {
        "sku": "a-t-shirt",
        "title": "A t-shirt",
        "price_minor": 29,
        "currency": "EUR",
        "quantity": 5,
    }


@pytest.mark.parametrize("ahead", ["2", "3", "3_contract"])
def test_a_database_that_is_ahead_is_left_alone(store, migrated, ahead):
    migrated(store, 2)
    store.sql("UPDATE alembic_version SET version_num = :ahead", ahead=ahead)
    code, output, errors = migrated(store, 1)
    assert (code, errors) == (0, "")
    assert (
        output == f"stock.migrate: the schema is at revision {ahead}, 1 is needed: nothing to do\n"
    )
    assert revision(store) == ahead


@pytest.mark.parametrize("versions", [(1, 1, 1, 1), (2, 2, 2, 2), (1, 2, 1, 2)])
def test_some_that_run_at_once_migrate_once(store, run, versions):
    processes = [run(store, version) for version in versions]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, outputs
    changes = [output for output, _ in outputs if "nothing to do" not in output]
    targets = sorted(int(re.findall(r"to (\d)$", change.strip())[0]) for change in changes)
    assert targets in ([1], [2], [1, 2])
    assert revision(store) == str(max(versions))
    assert store.sql("SELECT count(*) AS n FROM t_shirts WHERE name = 'surfer-t-shirt'") == [
        {"n": 1}
    ]


def test_a_migration_that_fails_leaves_the_database_as_it_was(store, migrated):
    migrated(store, 1)
    # A leftover that stands in the way of the second half of the migration.
    store.sql("CREATE TABLE idempotency_keys (wrong INTEGER)")
    code, output, errors = migrated(store, 2)
    assert (code, output) == (1, "")
    assert re.fullmatch("stock.migrate: the database failed: .*already exists.*\n", errors)
    assert revision(store) == "1"
    store.sql("DROP TABLE idempotency_keys")
    assert set(store.sql("SELECT * FROM t_shirts")[0]) == {"id", "name", "price", "quantity"}
    assert migrated(store, 2)[0] == 0


def test_a_migration_gives_up_before_requests_queue_behind_it(new_store, migrated):
    store = new_store("postgresql")
    store.migrate(1)
    ended = threading.Event()

    def shop():
        with store.transaction() as connection:
            connection.execute(text("UPDATE t_shirts SET quantity = quantity"))
            locked.set()
            ended.wait(20)

    locked = threading.Event()
    holder = threading.Thread(target=shop)
    holder.start()
    assert locked.wait(20)
    code, _, errors = migrated(store, 2)
    ended.set()
    holder.join()
    assert code == 1
    assert re.fullmatch("stock.migrate: the database failed: .*lock timeout.*\n", errors)
    assert revision(store) == "1"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all/stock.db",
        "postgresql://stock:secret@127.0.0.1:1/stock",
        "sqlite:///{folder}/broken.db",
        "sqlite:///{folder}",
    ],
)
def test_a_database_that_cannot_be_used_is_one_clear_line(new_store, migrated, tmp_path, url):
    (tmp_path / "broken.db").write_bytes(b"this is not a database" * 500)
    url = url.format(folder=tmp_path)
    code, output, errors = migrated(new_store("sqlite"), 1, DATABASE_URL=url)
    assert (code, output) == (1, "")
    assert re.fullmatch("stock.migrate: the database failed: .+\n", errors)
    assert "secret" not in errors


@pytest.mark.parametrize("changed", [{"API_VERSION": "x"}, {"DATABASE_URL": "oracle://x"}])
def test_a_wrong_setting_is_one_clear_line(store, migrated, changed):
    code, output, errors = migrated(store, 1, **changed)
    assert (code, output) == (2, "")
    assert re.fullmatch(f"stock.migrate: {next(iter(changed))}.+\n", errors)


def test_only_the_owner_can_read_a_sqlite_database(new_store, migrated, start, api):
    store = new_store("sqlite")
    file = Path(store.url.removeprefix("sqlite:///"))
    file.touch(0o644)
    migrated(store, api.VERSION)
    service = start(store, api)
    assert service.call("GET", api.LIST).status == 200
    files = sorted(file.parent.glob("stock.db*"))
    assert {path.name for path in files} >= {"stock.db", "stock.db-wal"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_service_never_migrates(store, start, api):
    assert start(store, api).call("GET", api.LIST).status in (500, 503)
    if store.url.startswith("sqlite"):
        assert not Path(store.url.removeprefix("sqlite:///")).exists()
    else:
        tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        assert store.sql(tables) == []


def test_the_seed_is_data():
    seed = json.loads((Path(__file__).parents[2] / "stock" / "seed.json").read_text())
    assert {"surfer-t-shirt", "formal-t-shirt"} <= {shirt["name"] for shirt in seed}
    assert len({shirt["name"] for shirt in seed}) == len(seed)
