"""What is known of a pair, of exactly this content; and what cannot be known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from release.contracts import pact
from release.contracts.consumers import catalog_consumer
from release.contracts.result_cache import Outcome
from release.contracts.verification import verify_pact
from tests.release.contracts.conftest import Edit, Edited

SYNTAX_ERROR = Edit("stock/app.py", "def create_app(", "def create_app((")
HARMLESS = Edit("stock/app.py", "The stock service", "The service of stock")
NEVER_READY = Edit("stock/migrate.py", "    create_private_file(url)\n", "    return 1 / 0\n")


def planted(cache: Path) -> None:
    """Change every verdict that is kept into one that nobody could come to."""
    for path in cache.iterdir():
        path.write_text(json.dumps({"outcome": "no", "reason": "planted"}))


def test_a_changed_byte_of_the_provider_is_verified_again(edited: Edited, cache: Path) -> None:
    consumer = catalog_consumer(1)
    assert verify_pact(consumer, edited(1, []), cache).compatible
    planted(cache)
    assert verify_pact(consumer, edited(1, []), cache).reason == "planted"
    assert verify_pact(consumer, edited(1, [HARMLESS]), cache).compatible
    assert len(list(cache.iterdir())) == 2


def test_a_changed_byte_of_the_pact_is_verified_again(
    edited: Edited, cache: Path, tmp_path: Path
) -> None:
    consumer = catalog_consumer(1)
    assert verify_pact(consumer, edited(1, []), cache).compatible
    planted(cache)
    file = tmp_path / "pact.json"
    file.write_bytes(consumer.pact.content + b"\n")
    assert verify_pact(replace(consumer, pact=pact.read(file)), edited(1, []), cache).compatible
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("edit", [SYNTAX_ERROR, NEVER_READY], ids=["import", "migration"])
def test_a_stock_that_does_not_start_is_unknown_and_asked_again(
    edited: Edited, cache: Path, edit: Edit
) -> None:
    verdict = verify_pact(catalog_consumer(1), edited(1, [edit]), cache)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.reason.startswith("stock does not start: ")
    assert "Error: " in verdict.reason
    assert not cache.exists()


def test_a_state_that_cannot_be_set_up_leaves_it_unknown(edited: Edited, cache: Path) -> None:
    broken = Edit("states.py", '_put(app, "surfer-t-shirt", 20, 1)', "raise RuntimeError")
    verdict = verify_pact(catalog_consumer(1), edited(1, [broken]), cache)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.reason.startswith("a purchase of more than is left: ")
    assert not cache.exists()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"outcome": "maybe", "reason": ""}'])
def test_a_damaged_verdict_is_no_verdict(edited: Edited, cache: Path, damage: bytes) -> None:
    assert verify_pact(catalog_consumer(1), edited(1, []), cache).compatible
    (file,) = cache.iterdir()
    file.write_bytes(damage)
    assert verify_pact(catalog_consumer(1), edited(1, []), cache).compatible


def test_an_edit_of_the_states_is_verified_again(edited: Edited, cache: Path) -> None:
    verify_pact(catalog_consumer(1), edited(1, []), cache)
    planted(cache)
    other = Edit("states.py", "The provider states", "All provider states")
    assert verify_pact(catalog_consumer(1), edited(1, [other]), cache).compatible
