"""Stock keeps the pacts of its consumers, on both engines, also beside later versions."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from release.contracts.consumers import Consumer, catalog_consumer, external_consumers
from release.contracts.provider import copied_provider
from release.contracts.verification import verify_pact


def verify(consumer: Consumer, version: int, store: Any, folder: Path) -> str:
    """The verdict on a pact, on that database."""
    with copied_provider(version) as stock:
        return str(verify_pact(consumer, stock, folder, database=store.url))


def test_stock_keeps_the_pact_of_its_catalog(
    store: Any, api: SimpleNamespace, tmp_path: Path
) -> None:
    version = api.VERSION
    verdict = verify(catalog_consumer(version), version, store, tmp_path)
    assert verdict == f"catalog v{version} with stock v{version}: yes"
    # The state of an interaction goes with it.
    tables = ["t_shirts", "idempotency_keys"] if version > 1 else ["t_shirts"]
    assert [store.sql(f"SELECT * FROM {table}") for table in tables] == [[]] * len(tables)


def test_every_version_keeps_its_pacts_on_the_newest_schema(
    store: Any, api: SimpleNamespace, apis: list[SimpleNamespace], tmp_path: Path
) -> None:
    store.migrate(apis[-1].VERSION)
    version = api.VERSION
    others = [consumer for consumer in external_consumers() if consumer.needs == version]
    for consumer in (catalog_consumer(version), *others):
        verdict = verify(consumer, version, store, tmp_path)
        assert verdict == f"{consumer.name} with stock v{version}: yes"
