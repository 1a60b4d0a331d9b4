"""What holds for every document: links lead somewhere, and what they tell of the code is there."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bench.__main__ import QUESTIONS
from release import errors
from release.model import services
from tests.docs.markdown import DOCUMENTS, ROOT, anchors, code, first_cells, links, rows

TROUBLE = ROOT / "docs" / "troubleshooting.md"
TESTING = ROOT / "docs" / "testing.md"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    for link in links(document):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_document_is_linked_from_the_readme() -> None:
    found = {link.partition("#")[0] for link in links(ROOT / "README.md")}
    documents = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")}
    assert documents - found == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_line_names_a_path_of_a_machine(document: Path) -> None:
    named = re.compile(r"(?<![\w.])/(?:root|work|home|Users|tmp|opt|mnt)\b")
    text = document.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if named.search(line)] == []


def test_every_error_of_the_commands_is_in_troubleshooting() -> None:
    text = TROUBLE.read_text(encoding="utf-8")
    told = {fragment for fragment in map(_longest, _raised()) if len(fragment) > 5}
    assert told
    assert {fragment for fragment in told if fragment not in text} == set()


def test_every_line_of_troubleshooting_is_said_by_the_code() -> None:
    said = {text.strip() for text in _constants() if re.search(r"\S{4,}: $|\S.{6,}\S", text)}
    lines = [code(row[0])[0] for row in rows(TROUBLE.read_text(encoding="utf-8"))]
    assert lines
    assert [line for line in lines if not any(text in line for text in said)] == []


def test_every_benchmark_is_in_testing() -> None:
    assert first_cells("make bench", TESTING) == list(QUESTIONS)


def _raised() -> Iterator[ast.expr]:
    """The message of every error that a person is meant to read."""
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    for path in [*(ROOT / "release").rglob("*.py"), *(ROOT / "load").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            raised = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(raised, ast.Call) and ast.unparse(raised.func) in kinds:
                yield raised.args[0]


def _longest(message: ast.expr) -> str:
    """The longest part of a message that is always the same."""
    parts = message.values if isinstance(message, ast.JoinedStr) else [message]
    texts = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
    return max(texts, key=len, default="")


def _constants() -> Iterator[str]:
    for folder in ("release", "load", *(f"services/{name}/{name}" for name in services.NAMES)):
        yield from _texts(ROOT / folder)
    yield from _texts(ROOT / "packages" / "instrumentation" / "instrumentation")


def _texts(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_the_tool_has_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    chart = yaml.safe_load((ROOT / "charts" / "entrypoint" / "Chart.yaml").read_text())
    released = re.findall(r"^## \[(\d\S*)\] - \d{4}-", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert project["version"] == chart["appVersion"] == released[0]
