"""Which tests start servers: `make check` leaves them to `make test`."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
# Every test of these folders deploys something, or starts what it asks.
FOLDERS = tuple(
    ROOT / folder
    for folder in (
        *("tests/lifecycle", "tests/packaging", "tests/jenkins", "tests/traffic"),
        *("tests/kubernetes", "tests/release/contracts", "tests/release/canary/metrics"),
        *("services/stock/tests/contract", "tests/versions"),
    )
)
# Fixtures, here and there, that start a process that listens.
FIXTURES = {
    *("shop", "both", "alertmanager"),
    *("serve", "start_gunicorn"),
    *("postgres", "new_store", "start", "shared", "ask", "pact"),
    *("open_shops", "open_catalog", "bad_stock"),
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "server: starts a server")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start a server, by their folder or their fixtures."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))  # with those that fixtures ask for
        if FIXTURES & asked or any(map(item.path.is_relative_to, FOLDERS)):
            item.add_marker("server")
