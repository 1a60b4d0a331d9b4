"""What is known of a pair, of exactly this content; and what cannot be known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from release.contracts import pact
from release.contracts.consumers import catalog
from release.contracts.result_cache import Outcome
from release.contracts.verification import verified
from tests.release.contracts.conftest import Edit, Edited

SYNTAX_ERROR = Edit("stock/app.py", "def create_app(", "def create_app((")
HARMLESS = Edit("stock/app.py", "The stock service", "The service of stock")
NEVER_READY = Edit("stock/migrate.py", "    create_private_file(url)\n", "    return 1 / 0\n")


def planted(kept: Path) -> None:
    """Change every verdict that is kept into one that nobody could come to."""
    for path in kept.iterdir():
        path.write_text(json.dumps({"outcome": "no", "reason": "planted"}))


def test_a_changed_byte_of_the_provider_is_verified_again(edited: Edited, kept: Path) -> None:
    consumer = catalog(1)
    assert verified(consumer, edited(1, []), kept).compatible
    planted(kept)
    assert verified(consumer, edited(1, []), kept).reason == "planted"
    assert verified(consumer, edited(1, [HARMLESS]), kept).compatible
    assert len(list(kept.iterdir())) == 2


def test_a_changed_byte_of_the_pact_is_verified_again(
    edited: Edited, kept: Path, tmp_path: Path
) -> None:
    consumer = catalog(1)
    assert verified(consumer, edited(1, []), kept).compatible
    planted(kept)
    file = tmp_path / "pact.json"
    file.write_bytes(consumer.pact.content + b"\n")
    assert verified(replace(consumer, pact=pact.read(file)), edited(1, []), kept).compatible
    assert len(list(kept.iterdir())) == 2


@pytest.mark.parametrize("edit", [SYNTAX_ERROR, NEVER_READY], ids=["import", "migration"])
def test_a_stock_that_does_not_start_is_unknown_and_asked_again(
    edited: Edited, kept: Path, edit: Edit
) -> None:
    verdict = verified(catalog(1), edited(1, [edit]), kept)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.reason.startswith("stock does not start: ")
    assert "Error: " in verdict.reason
    assert not kept.exists()


def test_a_state_that_cannot_be_set_up_leaves_it_unknown(edited: Edited, kept: Path) -> None:
    broken = Edit("states.py", '_put(app, "surfer-t-shirt", 20, 1)', "raise RuntimeError")
    verdict = verified(catalog(1), edited(1, [broken]), kept)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.reason.startswith("a purchase of more than is left: ")
    assert not kept.exists()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"outcome": "maybe", "reason": ""}'])
def test_a_damaged_verdict_is_no_verdict(edited: Edited, kept: Path, damage: bytes) -> None:
    assert verified(catalog(1), edited(1, []), kept).compatible
    (file,) = kept.iterdir()
    file.write_bytes(damage)
    assert verified(catalog(1), edited(1, []), kept).compatible


def test_an_edit_of_the_states_is_verified_again(edited: Edited, kept: Path) -> None:
    verified(catalog(1), edited(1, []), kept)
    planted(kept)
    other = Edit("states.py", "The provider states", "All provider states")
    assert verified(catalog(1), edited(1, [other]), kept).compatible
