"""Reads the project's documents: sections, tables, code and links."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
DOCUMENTS = (
    README,
    *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)


def section(document: Path, heading: str) -> str:
    """The text below a heading, up to the next one of its level or above."""
    level = 0
    lines: list[str] = []
    for line, is_code in _lines(document):
        found = None if is_code else re.match(r"(#+) (.*)", line)
        if found and level and len(found[1]) <= level:
            break
        if level:
            lines.append(line)
        elif found and found[2] == heading:
            level = len(found[1])
    assert level, f"{document.name} has no heading {heading!r}"
    return "\n".join(lines)


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, headings and rules left out."""
    found = []
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        is_rule = re.fullmatch(r"\|[-:| ]+\|", line)
        is_heading = re.fullmatch(r"\|[-:| ]+\|", following)
        if line.startswith("|") and not is_rule and not is_heading:
            cells = re.split(r"(?<!\\)\|", line.strip()[1:-1])
            found.append([cell.strip().replace("\\|", "|") for cell in cells])
    return found


def code(text: str) -> list[str]:
    """Everything between single backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def first_cells(heading: str, document: Path = README) -> list[str]:
    """The code in the first cell of each row below a heading."""
    return [name for row in rows(section(document, heading)) for name in code(row[0])]


def commands(document: Path) -> list[str]:
    """Every line of every indented or fenced block."""
    return [line.strip() for line, is_code in _lines(document) if is_code and line.strip()]


def anchors(document: Path) -> set[str]:
    """What `#...` may point at."""
    headings = [
        line.lstrip("#").strip()
        for line, is_code in _lines(document)
        if line.startswith("#") and not is_code
    ]
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> list[str]:
    """The targets of all links."""
    text = "\n".join(line for line, is_code in _lines(document) if not is_code)
    return re.findall(r"\]\(([^)\s]+)\)", text)


def _lines(document: Path) -> list[tuple[str, bool]]:
    """Each line, and whether it belongs to a block of code; fences are left out."""
    found, fenced = [], False
    for line in document.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        else:
            found.append((line, fenced or line.startswith("    ")))
    return found
