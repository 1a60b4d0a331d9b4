"""A version is a folder: it can be copied and deleted without an edit in it or beside it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.model import services

SERVICES = Path(__file__).parents[2] / "services"
PACKAGES = [SERVICES / name / name for name in services.IMAGES]
MODULES = [path for package in PACKAGES for path in package.rglob("*.py")]


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """The level (0 for an absolute import) and the module of every import."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""
        elif isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_imports_inside_a_package_are_relative_and_name_no_version(path: Path) -> None:
    assert [
        module
        for level, module in imports_of(path)
        if module.split(".")[0] in {package.name for package in PACKAGES}
        or (level and module[:1] == "v" and module[1:2].isdigit())
    ] == []
