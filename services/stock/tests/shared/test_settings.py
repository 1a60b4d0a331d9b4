"""Settings: a good one is understood, a bad one is one clear line before anything starts."""

import subprocess
import sys

import pytest

from instrumentation import SettingsError
from stock.app import create_app
from stock.database import parse_database_url


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("sqlite:////data/stock.db", "sqlite"),
        ("postgresql://stock:pass@db:5432/stock?sslmode=require", "postgresql+psycopg"),
        ("postgresql+psycopg://stock@db/stock", "postgresql+psycopg"),
    ],
)
def test_databases_of_both_kinds_are_understood(text, driver):
    assert parse_database_url(text).drivername == driver


@pytest.mark.parametrize(
    "text",
    [
        "secret",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///relative.db",
        "sqlite:////data/stock.db?mode=memory",
        "mysql://root:secret@db/stock",
        "postgresql+asyncpg://u:secret@db/stock",
        "postgresql://u:secret@db:port/stock",
    ],
)
def test_a_url_of_nothing_that_can_hold_the_inventory_is_refused_without_repeating_it(text):
    with pytest.raises(SettingsError) as refusal:
        parse_database_url(text)
    assert "DATABASE_URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_unknown_version_is_refused(new_store, environment_of):
    message = r"^API_VERSION is 99, but this image has no stock\.v99$"
    with pytest.raises(SettingsError, match=message):
        create_app(environment_of(new_store("sqlite"), 99))


@pytest.mark.parametrize(
    "changed", [{"API_VERSION": "99"}, {"DATABASE_URL": "sqlite://"}, {"SERVICE_VERSION": ""}]
)
def test_a_server_with_a_bad_setting_ends_at_once_with_one_line(
    new_store, environment_of, apis, changed
):
    command = [sys.executable, "-m", "gunicorn", "--config", "python:instrumentation.gunicorn_conf"]
    ended = subprocess.run(
        [*command, "stock.app:create_app()"],
        env=environment_of(new_store("sqlite"), apis[0].VERSION) | changed,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 2
    assert next(iter(changed)) in ended.stderr
    assert "Traceback" not in ended.stderr
