"""A chart version names one description for good, and no release breaks the one before it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openapi_diff.comparison import breaking
from release import paths
from release.contracts.openapi_history import (
    RELEASED,
    ReleaseLine,
    find_violations,
    record_release,
    release_lines,
)
from release.contracts.pact import ContractError
from release.model import services


@pytest.fixture
def line(tmp_path: Path) -> ReleaseLine:
    """Stock 1 in a copy that can be edited: its chart, its description and what was kept."""
    for folder in ("charts/stock/v1", "services/stock/stock/v1", RELEASED / "stock"):
        shutil.copytree(paths.ROOT / folder, tmp_path / folder)
    return ReleaseLine("stock", 1, tmp_path)


def edit(line: ReleaseLine, change: Callable[[Any], object]) -> ReleaseLine:
    """The line after a change of its description."""
    file = line.root / "services/stock/stock/v1/openapi.json"
    description = json.loads(file.read_text())
    change(description)
    file.write_text(json.dumps(description))
    return ReleaseLine("stock", 1, line.root)


def bump(line: ReleaseLine, version: str) -> ReleaseLine:
    """The line after its chart got another version."""
    chart = line.root / "charts/stock/v1/Chart.yaml"
    chart.write_text(chart.read_text().replace("\nversion: 1.0.0\n", f"\nversion: {version}\n"))
    return ReleaseLine("stock", 1, line.root)


def add_a_field(description: Any) -> None:
    description["components"]["schemas"]["TShirt"]["properties"]["color"] = {"type": "string"}


def rename_a_field(description: Any) -> None:
    t_shirt = description["components"]["schemas"]["TShirt"]
    t_shirt["properties"]["amount"] = t_shirt["properties"].pop("quantity")


@pytest.mark.parametrize("line", release_lines(), ids=str)
def test_every_release_keeps_the_promises_of_the_one_before(line: ReleaseLine) -> None:
    assert find_violations(line) == []


@pytest.mark.parametrize("service", services.NAMES)
def test_version_2_breaks_version_1_on_purpose(service: str) -> None:
    old, new = (ReleaseLine(service, major).description for major in (1, 2))
    assert breaking(old, new)
    assert breaking(new, old)


def test_a_release_that_adds_needs_a_version_of_its_own(line: ReleaseLine) -> None:
    added = edit(line, add_a_field)
    assert find_violations(added) == [
        "stock 1 does not say what 1.0.0 promised:"
        " give its chart the next version, and .venv/bin/python -m release openapi --keep"
    ]
    with pytest.raises(ContractError, match="promised something else"):
        record_release(added)
    bumped = bump(added, "1.1.0")
    assert find_violations(bumped) == [
        "what stock 1 1.1.0 promises is not kept yet: .venv/bin/python -m release openapi --keep"
    ]
    assert record_release(bumped) == line.root / RELEASED / "stock" / "1.1.0.json"
    assert find_violations(ReleaseLine("stock", 1, line.root)) == []
    assert record_release(ReleaseLine("stock", 1, line.root)) is None


def test_a_patch_without_any_change_is_kept_too(line: ReleaseLine) -> None:
    bumped = bump(line, "1.0.1")
    assert len(find_violations(bumped)) == 1
    record_release(bumped)
    assert find_violations(ReleaseLine("stock", 1, line.root)) == []


def test_a_release_that_breaks_is_refused_whatever_its_version(line: ReleaseLine) -> None:
    broken = bump(edit(line, rename_a_field), "1.1.0")
    assert (
        "stock 1 would break who relies on 1.0.0:"
        " GET /t-shirt > 200 > application/json > each item > quantity: property removed"
    ) in find_violations(broken)
    with pytest.raises(ContractError, match=r"property removed; that needs a new major version"):
        record_release(broken)
    assert ReleaseLine("stock", 1, line.root).recorded_versions() == [(1, 0, 0)]


def test_a_break_that_was_kept_by_hand_is_still_found(line: ReleaseLine) -> None:
    broken = bump(edit(line, rename_a_field), "1.1.0")
    broken.file(broken.version).write_text(json.dumps(broken.description))
    assert find_violations(broken)[0].startswith("stock 1 1.1.0 breaks who relies on 1.0.0: ")


def test_a_chart_cannot_go_back_behind_its_releases(line: ReleaseLine) -> None:
    record_release(bump(edit(line, add_a_field), "1.1.0"))
    chart = line.root / "charts/stock/v1/Chart.yaml"
    chart.write_text(chart.read_text().replace("1.1.0", "1.0.0"))
    assert find_violations(ReleaseLine("stock", 1, line.root))[-1] == (
        "stock 1 has kept 1.1.0, but its chart is 1.0.0"
    )


def test_a_chart_without_a_plain_version_is_one_line(line: ReleaseLine) -> None:
    with pytest.raises(ContractError, match=r"^next is not a version such as 1\.0\.1$"):
        find_violations(bump(line, "next"))


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 0, "stock 1 -> 2: "),
        (("--keep",), 0, "stock 1 is kept"),
        (
            ("break",),
            2,
            "error: Got unexpected extra argument (break)",
        ),
    ],
)
def test_the_command_says_what_it_found(arguments: tuple[str, ...], code: int, told: str) -> None:
    command = [sys.executable, "-m", "release", "openapi", *arguments]
    ended = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, told in ended.stdout + ended.stderr) == (code, True), ended
