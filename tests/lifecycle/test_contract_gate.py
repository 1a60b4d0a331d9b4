"""A release goes out only when its contracts are verified for exactly its content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from release.model import services
from tests.conftest import Shop, copy_of_the_project

Edited = tuple[Shop, Path]


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[Edited]:
    """A shop of a copy of the project that a test may edit."""
    yield from copy_of_the_project(tmp_path)


def _rename_a_field(project: Path) -> None:
    """Stock v1 answers `amount` where its consumers read `quantity`."""
    path = project / "services" / "stock" / "stock" / "v1" / "t_shirts.py"
    text = path.read_text()
    renamed = text.replace("    quantity: int\n", "    amount: int\n")
    renamed = renamed.replace("quantity=row.quantity", "amount=row.quantity")
    assert renamed.count("amount") == 2
    path.write_text(renamed)


def _verdicts(project: Path) -> dict[str, float]:
    return {
        path.name: path.stat().st_mtime_ns
        for path in (project / ".tools" / "verdicts").rglob("*.json")
    }


def test_a_release_that_breaks_a_contract_is_refused_and_can_be_forced_with_a_reason(
    edited: Edited,
) -> None:
    shop, project = edited
    shop.make("deploy", VERSION=1)
    before = shop.status()["releases"]
    _rename_a_field(project)

    refused = shop.make("deploy", check=False, VERSION=1)
    assert refused.returncode != 0
    line = next(line for line in refused.stderr.splitlines() if line.startswith("error: "))
    assert "catalog v1" in line  # for whom
    assert "its contract fails" in line
    assert "quantity" in line  # where it breaks
    assert 'FORCE="why"' in line
    assert "Warehouse Report" in line  # a consumer outside this repository
    assert shop.status()["releases"] == before
    asked = shop.make("deploy", DRY_RUN=1, check=False, VERSION=1)
    assert asked.returncode != 0
    assert "catalog v1" in asked.stderr

    shop.make("deploy", VERSION=1, FORCE="rehearsing a bad day")
    assert [one["reason"] for one in shop.status()["releases"]] == ["rehearsing a bad day"]
    assert "forced: rehearsing a bad day" in shop.make("status").stdout


def test_force_without_a_broken_contract_records_nothing(edited: Edited) -> None:
    shop, _ = edited
    shop.make("deploy", VERSION=2, FORCE="just in case")
    assert [one["reason"] for one in shop.status()["releases"]] == [""]


def test_a_stock_that_does_not_start_is_told_from_one_that_breaks_a_contract(
    edited: Edited,
) -> None:
    _, project = edited
    shop = edited[0]
    (project / "services" / "stock" / "stock" / "v2" / "__init__.py").write_text(
        "raise ValueError(8)\n"
    )
    asked = shop.make("deploy", DRY_RUN=1, check=False, VERSION=2)
    assert asked.returncode != 0
    assert "nobody knows" in asked.stderr
    assert "its contract fails" not in asked.stderr


def test_a_version_without_a_pact_is_refused(edited: Edited) -> None:
    shop, project = edited
    (project / "contracts" / "pacts" / "catalog-v2--stock.json").unlink()
    asked = shop.make("deploy", DRY_RUN=1, check=False, VERSION=2)
    assert asked.returncode != 0
    assert "catalog-v2--stock.json is missing" in asked.stderr
    assert shop.make("deploy", DRY_RUN=1, VERSION=1).returncode == 0


def test_a_patch_of_version_1_is_verified_anew_and_leaves_version_2_alone(edited: Edited) -> None:
    shop, project = edited
    for version in (1, 2):
        shop.make("deploy", VERSION=version)
    before = _verdicts(project)
    second = next(one for one in shop.status()["releases"] if one["version"] == 2)

    for service in services.NAMES:
        for path in (project / "charts" / service / "v1").glob("*.yaml"):
            path.write_text(path.read_text().replace("1.0.0", "1.0.1"))
    _keep_the_shared_charts(project)
    page = project / "services" / "stock" / "stock" / "v1" / "__init__.py"
    page.write_text(page.read_text() + "\n# a patch\n")
    shop.make("deploy", VERSION=1)

    releases = {one["version"]: one for one in shop.status()["releases"]}
    assert releases[1]["chart_version"] == "1.0.1"
    assert releases[2] == second
    after = _verdicts(project)
    assert before.items() <= after.items()  # nothing known was asked again
    assert len(after) == len(before) + 2  # catalog v1's and the outsider's pact, against the patch
    assert shop.get("catalog.v1").status_code == 200


def _keep_the_shared_charts(project: Path) -> None:
    """Only the services' versions move; the library and the monitoring chart stay."""
    for service in services.NAMES:
        chart = project / "charts" / service / "v1" / "Chart.yaml"
        lines, name = [], ""
        for line in chart.read_text().splitlines():
            name = line.split(": ")[1] if "- name: " in line else name
            if name in ("service", "prometheus-operated") and "version: 1.0.1" in line:
                line = line.replace("1.0.1", "1.0.0")
            lines.append(line)
        chart.write_text("\n".join(lines) + "\n")
