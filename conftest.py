"""Which tests start servers: `make check` leaves them to `make test`."""

from __future__ import annotations

from pathlib import Path

import pytest

# Every test of these folders deploys, builds, or drives another machine's program.
FOLDERS = {"lifecycle", "packaging", "jenkins", "traffic", "kubernetes", "demo"}
# Fixtures that start a process that listens.
FIXTURES = {"shop", "both"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "server: starts a server")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start a server, by their folder or their fixtures."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if FOLDERS & set(Path(item.path).parts) or FIXTURES & asked:
            item.add_marker("server")
