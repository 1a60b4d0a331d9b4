"""What gates hear: may two versions be released together, and who needs a version of stock."""

from __future__ import annotations

import json
from pathlib import Path

from release.contracts import compatible, everybody_needing, left_behind, pact
from release.contracts.consumers import EXTERNAL, Consumer
from release.contracts.provider import provider
from release.contracts.result_cache import Outcome
from release.contracts.verification import known


def test_nothing_verified_yet_is_neither_yes_nor_no(kept: Path) -> None:
    verdict = compatible(1, 1, verify=False, kept=kept)
    assert verdict.outcome is Outcome.UNKNOWN
    assert str(verdict) == (
        "catalog v1 with stock v1: unknown: not verified yet for exactly this content: "
        "make contracts"
    )


def test_what_is_found_out_once_is_known(kept: Path) -> None:
    verdict = compatible(2, 1, verify=True, kept=kept)
    assert str(verdict) == (
        "catalog v2 with stock v1: no: a purchase: expected status 201, got 404"
    )
    assert compatible(2, 1, verify=False, kept=kept) == verdict


def test_everybody_who_needs_version_1_is_named_with_a_contact(kept: Path) -> None:
    needs = everybody_needing(1, kept=kept)
    assert [(need.consumer, need.contact) for need in needs] == [
        ("catalog v1", "this repository"),
        ("Warehouse Report", "#warehouse on Slack, warehouse@shop.example"),
    ]
    assert {need.verdict.outcome for need in needs} == {Outcome.UNKNOWN}


def test_version_2_is_needed_by_its_own_catalog_only(kept: Path) -> None:
    (need,) = everybody_needing(2, verify=True, kept=kept)
    assert need.consumer == "catalog v2"
    assert need.verdict.compatible


def test_who_has_a_contract_with_a_later_version_too_is_not_left_behind() -> None:
    """Catalog has one with each version; the warehouse has none but with version 1."""
    assert [consumer.name for consumer in left_behind(1)] == ["Warehouse Report"]
    assert [consumer.name for consumer in left_behind(2)] == ["catalog v2"]


def test_a_pact_that_verifies_nothing_is_a_no_without_a_run(kept: Path, tmp_path: Path) -> None:
    whole = json.loads((EXTERNAL / "warehouse-report--stock.json").read_text())
    (tmp_path / "empty.json").write_text(json.dumps({**whole, "interactions": []}))
    empty = Consumer("Warehouse Report", "", 1, pact.read(tmp_path / "empty.json"))
    with provider(1) as stock:
        verdict = known(empty, stock, kept)
    assert verdict is not None
    assert (verdict.outcome, verdict.reason) == (
        Outcome.NO,
        "it has no interactions: nothing is verified",
    )
