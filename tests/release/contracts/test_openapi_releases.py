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
from release.contracts.errors import ContractError
from release.contracts.openapi.release_history import KEPT, Line, complaints, keep, lines
from release.model import services


@pytest.fixture
def line(tmp_path: Path) -> Line:
    """Stock 1 in a copy that can be edited: its chart, its description and what was kept."""
    for folder in ("charts/stock/v1", "services/stock/stock/v1", KEPT / "stock"):
        shutil.copytree(paths.ROOT / folder, tmp_path / folder)
    return Line("stock", 1, tmp_path)


def edit(line: Line, change: Callable[[Any], object]) -> Line:
    """The line after a change of its description."""
    file = line.root / "services/stock/stock/v1/openapi.json"
    description = json.loads(file.read_text())
    change(description)
    file.write_text(json.dumps(description))
    return Line("stock", 1, line.root)


def bump(line: Line, version: str) -> Line:
    """The line after its chart got another version."""
    chart = line.root / "charts/stock/v1/Chart.yaml"
    chart.write_text(chart.read_text().replace("\nversion: 1.0.0\n", f"\nversion: {version}\n"))
    return Line("stock", 1, line.root)


def add_a_field(description: Any) -> None:
    description["components"]["schemas"]["TShirt"]["properties"]["color"] = {"type": "string"}


def rename_a_field(description: Any) -> None:
    t_shirt = description["components"]["schemas"]["TShirt"]
    t_shirt["properties"]["amount"] = t_shirt["properties"].pop("quantity")


@pytest.mark.parametrize("line", lines(), ids=str)
def test_every_release_keeps_the_promises_of_the_one_before(line: Line) -> None:
    assert complaints(line) == []


@pytest.mark.parametrize("service", services.NAMES)
def test_version_2_breaks_version_1_on_purpose(service: str) -> None:
    old, new = (Line(service, major).description for major in (1, 2))
    assert breaking(old, new)
    assert breaking(new, old)


def test_a_release_that_adds_needs_a_version_of_its_own(line: Line) -> None:
    added = edit(line, add_a_field)
    assert complaints(added) == [
        "stock 1 does not say what 1.0.0 promised:"
        " give its chart the next version, and .venv/bin/python -m release openapi --keep"
    ]
    with pytest.raises(ContractError, match="promised something else"):
        keep(added)
    bumped = bump(added, "1.1.0")
    assert complaints(bumped) == [
        "what stock 1 1.1.0 promises is not kept yet: .venv/bin/python -m release openapi --keep"
    ]
    assert keep(bumped) == line.root / KEPT / "stock" / "1.1.0.json"
    assert complaints(Line("stock", 1, line.root)) == []
    assert keep(Line("stock", 1, line.root)) is None


def test_a_patch_without_any_change_is_kept_too(line: Line) -> None:
    bumped = bump(line, "1.0.1")
    assert len(complaints(bumped)) == 1
    keep(bumped)
    assert complaints(Line("stock", 1, line.root)) == []


def test_a_release_that_breaks_is_refused_whatever_its_version(line: Line) -> None:
    broken = bump(edit(line, rename_a_field), "1.1.0")
    assert (
        "stock 1 would break who relies on 1.0.0:"
        " GET /t-shirt > 200 > application/json > each item > quantity: property removed"
    ) in complaints(broken)
    with pytest.raises(ContractError, match=r"property removed; that needs a new major version"):
        keep(broken)
    assert Line("stock", 1, line.root).kept() == [(1, 0, 0)]


def test_a_break_that_was_kept_by_hand_is_still_found(line: Line) -> None:
    broken = bump(edit(line, rename_a_field), "1.1.0")
    broken.file(broken.version).write_text(json.dumps(broken.description))
    assert complaints(broken)[0].startswith("stock 1 1.1.0 breaks who relies on 1.0.0: ")


def test_a_chart_cannot_go_back_behind_its_releases(line: Line) -> None:
    keep(bump(edit(line, add_a_field), "1.1.0"))
    chart = line.root / "charts/stock/v1/Chart.yaml"
    chart.write_text(chart.read_text().replace("1.1.0", "1.0.0"))
    assert complaints(Line("stock", 1, line.root))[-1] == (
        "stock 1 has kept 1.1.0, but its chart is 1.0.0"
    )


def test_a_chart_without_a_plain_version_is_one_line(line: Line) -> None:
    with pytest.raises(ContractError, match=r"^next is not a version such as 1\.0\.1$"):
        complaints(bump(line, "next"))


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
