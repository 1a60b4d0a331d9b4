"""The expanded schema: what one version writes, the other reads, on both engines."""

import pytest
from sqlalchemy.exc import DBAPIError


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated(request, new_store):
    store = new_store(request.param)
    store.migrate(1)
    store.migrate(2)
    return store


@pytest.fixture
def expanded(migrated):
    migrated.fill([])
    return migrated


def only_row(store):
    (row,) = store.sql("SELECT name, price, sku, title, price_minor, currency FROM t_shirts")
    return {**row, "price": float(row["price"])}


def v1_inserts(store, name="surfer-t-shirt", price=19.99):
    store.sql(
        "INSERT INTO t_shirts (name, price, quantity) VALUES (:name, :price, 1)",
        name=name,
        price=price,
    )


def v2_inserts(store, sku="surfer-t-shirt", title="The Surfer", minor=1999, currency="EUR"):
    store.sql(
        "INSERT INTO t_shirts (sku, title, price_minor, currency, quantity)"
        " VALUES (:sku, :title, :minor, :currency, 1)",
        sku=sku,
        title=title,
        minor=minor,
        currency=currency,
    )


def test_what_version_1_inserts_has_all_that_version_2_needs(expanded):
    v1_inserts(expanded)
    assert only_row(expanded) == {
        "name": "surfer-t-shirt",
        "price": 19.99,
        "sku": "surfer-t-shirt",
        "title": "Surfer t-shirt",
        "price_minor": 1999,
        "currency": "EUR",
    }


def test_what_version_2_inserts_has_all_that_version_1_needs(expanded):
    v2_inserts(expanded)
    assert only_row(expanded) == {
        "name": "surfer-t-shirt",
        "price": 19.99,
        "sku": "surfer-t-shirt",
        "title": "The Surfer",
        "price_minor": 1999,
        "currency": "EUR",
    }


@pytest.mark.parametrize("cents", [0, 1, 29, 57, 58, 115, 1001, 1999, 3335, 100_000_001])
def test_every_price_survives_the_way_there_and_back(expanded, cents):
    v1_inserts(expanded, price=cents / 100)
    assert only_row(expanded)["price_minor"] == cents
    expanded.sql("UPDATE t_shirts SET price_minor = 7")
    expanded.sql("UPDATE t_shirts SET price_minor = :cents", cents=cents)
    assert only_row(expanded)["price"] == cents / 100


def test_version_1_changes_the_price_for_both(expanded):
    v2_inserts(expanded)
    expanded.sql("UPDATE t_shirts SET price = 25.5")
    assert only_row(expanded)["price_minor"] == 2550


def test_version_2_changes_the_price_for_both(expanded):
    v1_inserts(expanded)
    expanded.sql("UPDATE t_shirts SET price_minor = 2550")
    assert only_row(expanded)["price"] == 25.5


def test_fractions_of_a_cent_are_rounded_for_both(expanded):
    v1_inserts(expanded, price=1)
    expanded.sql("UPDATE t_shirts SET price = 19.999")
    assert (only_row(expanded)["price"], only_row(expanded)["price_minor"]) == (20, 2000)
    expanded.sql("UPDATE t_shirts SET price = 9.99")
    expanded.sql("UPDATE t_shirts SET price = 9.994")
    assert (only_row(expanded)["price"], only_row(expanded)["price_minor"]) == (9.99, 999)
    expanded.fill([])
    v1_inserts(expanded, price=9.994)
    assert (only_row(expanded)["price"], only_row(expanded)["price_minor"]) == (9.99, 999)


def test_version_1_renames_for_both_and_a_title_nobody_chose_goes_with_it(expanded):
    v1_inserts(expanded)
    expanded.sql("UPDATE t_shirts SET name = 'night-t-shirt'")
    row = only_row(expanded)
    assert (row["sku"], row["title"]) == ("night-t-shirt", "Night t-shirt")


def test_a_title_that_somebody_chose_survives_a_new_name(expanded):
    v2_inserts(expanded, title="Catch the wave")
    expanded.sql("UPDATE t_shirts SET name = 'wave-t-shirt'")
    row = only_row(expanded)
    assert (row["sku"], row["title"]) == ("wave-t-shirt", "Catch the wave")


def test_version_2_renames_for_both(expanded):
    v1_inserts(expanded)
    expanded.sql("UPDATE t_shirts SET sku = 'night-t-shirt', title = 'Night'")
    row = only_row(expanded)
    assert (row["name"], row["title"]) == ("night-t-shirt", "Night")


def test_who_writes_back_what_was_there_changes_only_what_is_new(expanded):
    v1_inserts(expanded)
    expanded.sql("UPDATE t_shirts SET name = name, price = price, sku = 'a', price_minor = 100")
    assert (only_row(expanded)["name"], only_row(expanded)["price"]) == ("a", 1)
    expanded.sql("UPDATE t_shirts SET sku = sku, price_minor = price_minor, name = 'b', price = 2")
    assert (only_row(expanded)["sku"], only_row(expanded)["price_minor"]) == ("b", 200)


def test_who_writes_both_sides_must_write_the_same(expanded):
    v1_inserts(expanded)
    expanded.sql("UPDATE t_shirts SET price = 30, price_minor = 3000")
    before = only_row(expanded)
    for change in ("price = 31, price_minor = 3200", "name = 'one', sku = 'other'"):
        with pytest.raises(DBAPIError, match="disagree"):
            expanded.sql(f"UPDATE t_shirts SET {change}")
    for values in ("'a', 'b', 1, 100", "'a', 'a', 1, 101"):
        with pytest.raises(DBAPIError, match="disagree"):
            expanded.sql(
                "INSERT INTO t_shirts (name, sku, price, price_minor, quantity)"
                f" VALUES ({values}, 1)"
            )
    assert only_row(expanded) == before


@pytest.mark.parametrize(
    "columns", ["(quantity, price) VALUES (1, 1)", "(quantity, name) VALUES (1, 'nameless')"]
)
def test_a_t_shirt_that_neither_side_describes_is_refused(expanded, columns):
    with pytest.raises(DBAPIError):
        expanded.sql(f"INSERT INTO t_shirts {columns}")
    assert expanded.sql("SELECT * FROM t_shirts") == []


@pytest.mark.parametrize("column", ["name", "sku", "title", "price", "price_minor", "currency"])
def test_nothing_that_a_version_needs_can_be_taken_away(expanded, column):
    v1_inserts(expanded)
    before = only_row(expanded)
    with pytest.raises(DBAPIError):
        expanded.sql(f"UPDATE t_shirts SET {column} = NULL")
    assert only_row(expanded) == before


@pytest.mark.parametrize("change", ["quantity = -1", "price = -1", "price_minor = -1"])
def test_the_database_itself_refuses_less_than_nothing(expanded, change):
    v1_inserts(expanded)
    with pytest.raises(DBAPIError):
        expanded.sql(f"UPDATE t_shirts SET {change}")


def test_no_currency_but_the_one_that_version_1_means(expanded):
    with pytest.raises(DBAPIError):
        v2_inserts(expanded, currency="USD")


def test_two_t_shirts_cannot_share_a_name_however_they_are_written(expanded):
    v1_inserts(expanded)
    with pytest.raises(DBAPIError):
        v2_inserts(expanded)
    v2_inserts(expanded, sku="other")
    with pytest.raises(DBAPIError):
        expanded.sql("UPDATE t_shirts SET sku = 'surfer-t-shirt' WHERE sku = 'other'")
