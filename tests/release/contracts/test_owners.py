"""Consumers outside this repository: each pact has an owner, and each owner a pact."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from release.contracts.consumers import EXTERNAL, OWNERS, external_consumers
from release.contracts.pact import ContractError

PACT = "warehouse-report--stock.json"
ENTRY = f"- {{pact: {PACT}, name: Warehouse Report, contact: a@shop.example, needs: 1}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(EXTERNAL / PACT, tmp_path)
    (tmp_path / OWNERS).write_text(ENTRY)
    return tmp_path


def test_an_owner_says_whom_to_talk_to_and_what_they_need(folder: Path) -> None:
    (consumer,) = external_consumers(folder)
    assert (consumer.name, consumer.contact, consumer.needs) == (
        "Warehouse Report",
        "a@shop.example",
        1,
    )


@pytest.mark.parametrize(
    ("owners", "complaint"),
    [
        ("", f"{PACT} must be a pact beside it and have one owner"),
        (ENTRY * 2, f"{PACT} has more than one owner"),
        (ENTRY + ENTRY.replace("warehouse", "other"), "other-report--stock.json: cannot be read"),
        (ENTRY.replace("needs: 1", "needs: one"), "needs is a major version of stock"),
        (ENTRY.replace("needs: 1", "needs: true"), "needs is a major version of stock"),
        (ENTRY.replace(", needs: 1", ""), "each consumer has exactly contact, name, needs, pact"),
        (ENTRY.replace("a@shop.example", '""'), "pact, name and contact are texts"),
        (ENTRY.replace(PACT, f"../{PACT}"), "must lie beside it"),
        ("name: x", "expected a list of consumers"),
        ("- [", "cannot be read"),
    ],
)
def test_what_is_wrong_with_the_list_is_said_in_one_line(
    folder: Path, owners: str, complaint: str
) -> None:
    (folder / OWNERS).write_text(owners)
    with pytest.raises(ContractError) as error:
        external_consumers(folder)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)
