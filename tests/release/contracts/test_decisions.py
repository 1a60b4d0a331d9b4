"""What gates hear: may two versions be released together, and who needs a version of stock."""

from __future__ import annotations

import json
from pathlib import Path

from release.contracts import Outcome, check_consumers, pact, unmigrated_consumers
from release.contracts.consumers import EXTERNAL, Consumer, catalog_consumer
from release.contracts.provider import copied_provider
from release.contracts.verification import find_result, verify_pact


def test_nothing_verified_yet_is_neither_yes_nor_no(cache: Path) -> None:
    result, *_ = check_consumers(1, cache=cache)
    assert result.outcome is Outcome.UNKNOWN
    assert str(result) == (
        "catalog v1 with stock v1: unknown: not verified yet for exactly this content: "
        "make contracts"
    )


def test_what_is_found_out_once_is_known(cache: Path) -> None:
    with copied_provider(1) as stock:
        result = verify_pact(catalog_consumer(2), stock, cache)
        assert find_result(catalog_consumer(2), stock, cache) == result
    assert str(result) == "catalog v2 with stock v1: no: a purchase: expected status 201, got 404"


def test_everybody_who_needs_version_1_is_named_with_a_contact(cache: Path) -> None:
    results = check_consumers(1, cache=cache)
    assert [(result.consumer.name, result.consumer.contact) for result in results] == [
        ("catalog v1", "this repository"),
        ("Warehouse Report", "#warehouse on Slack, warehouse@shop.example"),
    ]
    assert {result.outcome for result in results} == {Outcome.UNKNOWN}


def test_version_2_is_needed_by_its_own_catalog_only(cache: Path) -> None:
    (result,) = check_consumers(2, verify=True, cache=cache)
    assert result.consumer.name == "catalog v2"
    assert result.compatible
    assert check_consumers(2, cache=cache) == (result,)


def test_who_has_a_contract_with_a_later_version_too_is_not_left_behind() -> None:
    """Catalog has one with each version; the warehouse has none but with version 1."""
    assert [consumer.name for consumer in unmigrated_consumers(1)] == ["Warehouse Report"]
    assert [consumer.name for consumer in unmigrated_consumers(2)] == ["catalog v2"]


def test_a_pact_that_verifies_nothing_is_a_no_without_a_run(cache: Path, tmp_path: Path) -> None:
    whole = json.loads((EXTERNAL / "warehouse-report--stock.json").read_text())
    (tmp_path / "empty.json").write_text(json.dumps({**whole, "interactions": []}))
    empty = Consumer("Warehouse Report", "", 1, pact.read(tmp_path / "empty.json"))
    with copied_provider(1) as stock:
        result = find_result(empty, stock, cache)
    assert result is not None
    assert (result.outcome, result.reason) == (
        Outcome.NO,
        "it has no interactions: nothing is verified",
    )
