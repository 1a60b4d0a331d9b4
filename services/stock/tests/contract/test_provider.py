"""Stock keeps catalog's pacts, on both engines, and version 1 keeps them beside version 2 too."""

from pathlib import Path
from typing import Any

import pytest

from release.contracts.consumers import EXTERNAL, Consumer, catalog, outside
from release.contracts.provider import provider
from release.contracts.verification import verified


def kept_by(consumer: Consumer, version: int, store: Any, folder: Path) -> str:
    """What comes of a pact, on that database."""
    with provider(version) as stock:
        return str(verified(consumer, stock, folder, database=store.url))


@pytest.mark.parametrize("version", [1, 2])
def test_stock_keeps_the_pact_of_its_catalog(store: Any, version: int, tmp_path: Path) -> None:
    said = kept_by(catalog(version), version, store, tmp_path)
    assert said == f"catalog v{version} with stock v{version}: yes"
    # Nor does anything of an interaction's state survive it.
    assert store.sql("SELECT * FROM t_shirts") == []
    if version == 2:
        assert store.sql("SELECT * FROM idempotency_keys") == []


def test_version_1_keeps_its_pacts_on_the_schema_of_version_2(store: Any, tmp_path: Path) -> None:
    store.migrate(2)
    for consumer in (catalog(1), *outside(EXTERNAL)):
        assert kept_by(consumer, 1, store, tmp_path) == f"{consumer.name} with stock v1: yes"
