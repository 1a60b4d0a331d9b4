"""Every consumer against every version of stock: which pairs may live together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from release import paths
from release.contracts import Outcome, VerificationResult, verify_matrix
from tests.release.contracts.conftest import Contracts

VERSIONS = paths.known_versions()
Pairs = dict[tuple[str, int], VerificationResult]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this module's verdicts are kept."""
    return tmp_path_factory.mktemp("verdicts")


@pytest.fixture(scope="module")
def pairs(verdicts: Path) -> Pairs:
    """All pairs, verified anew."""
    found = verify_matrix(cache=verdicts)
    return {(pair.consumer.name, pair.provider_version): pair for pair in found}


def test_it_holds_every_consumer_and_every_version_of_stock(pairs: Pairs) -> None:
    catalogs = {f"catalog v{version}" for version in VERSIONS}
    consumers = {consumer for consumer, _ in pairs}
    assert consumers == catalogs | {"Warehouse Report"}
    assert set(pairs) == {(name, version) for name in consumers for version in VERSIONS}


@pytest.mark.parametrize(
    ("consumer", "version"), [("catalog v1", 1), ("catalog v2", 2), ("Warehouse Report", 1)]
)
def test_who_lives_together_goes_together(pairs: Pairs, consumer: str, version: int) -> None:
    pair = pairs[consumer, version]
    assert pair.needed
    assert (pair.outcome, pair.reason) == (Outcome.YES, "")


@pytest.mark.parametrize(
    ("consumer", "version", "reason"),
    [
        ("catalog v1", 2, "a purchase: expected status 201, got 404"),
        ("catalog v2", 1, "a purchase: expected status 201, got 404"),
        ("Warehouse Report", 2, "the nightly count of every t-shirt: expected status 200, got 404"),
    ],
)
def test_versions_do_not_mix(pairs: Pairs, consumer: str, version: int, reason: str) -> None:
    pair = pairs[consumer, version]
    assert not pair.needed
    assert (pair.outcome, pair.reason) == (Outcome.NO, reason)


def test_what_is_known_is_not_asked_again(pairs: Pairs, verdicts: Path) -> None:
    kept = {path: path.stat().st_mtime_ns for path in verdicts.iterdir()}
    assert len(kept) == len(pairs)
    assert set(verify_matrix(cache=verdicts)) == set(pairs.values())
    assert {path: path.stat().st_mtime_ns for path in verdicts.iterdir()} == kept


def test_the_command_shows_a_table_and_why_a_pair_does_not_go_together(
    contracts: Contracts,
) -> None:
    shown = contracts("contracts")
    assert shown.returncode == 0, shown.stderr
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert "consumer needs stock v1 stock v2" in lines
    assert "catalog v1 v1 yes no" in lines
    assert "catalog v2 v2 no yes" in lines
    assert "catalog v1 with stock v2: no: a purchase: expected status 201, got 404" in lines


def test_the_command_speaks_json(contracts: Contracts) -> None:
    shown = contracts("contracts", JSON=1)
    found = json.loads(shown.stdout)["pairs"]
    assert {
        "consumer": "Warehouse Report",
        "contact": "#warehouse on Slack, warehouse@shop.example",
        "needs": 1,
        "provider": 1,
        "outcome": "yes",
        "reason": "",
    } in found
    assert len(found) == 6


def test_the_command_fails_when_those_who_live_together_do_not_go_together(
    copied: Contracts,
) -> None:
    routes = copied.folder / "services/stock/stock/v1/routes.py"
    routes.write_text(routes.read_text().replace("jsonify(answer), 201", "jsonify(answer), 200"))
    shown = copied("contracts")
    assert shown.returncode == 1
    assert "catalog v1 with stock v1: no: a purchase: expected status 201, got 200" in shown.stdout


def test_the_command_names_whoever_needs_a_version_that_is_not_there(copied: Contracts) -> None:
    owners = copied.folder / "contracts" / "external" / "owners.yaml"
    owners.write_text(owners.read_text().replace("needs: 1", "needs: 3"))
    shown = copied("contracts")
    assert shown.returncode == 1
    assert "Warehouse Report with stock v3: no: there is no such stock" in shown.stdout
