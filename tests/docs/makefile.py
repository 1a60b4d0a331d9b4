"""The targets and the variables of the commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from release.cli import main as cli
from tests.docs.markdown import ROOT

# Of the caller's environment these belong to everybody.
INHERITED = {"PATH", "HOME"}


def targets() -> set[str]:
    """Every target that a person may call."""
    return set(re.findall(r"^\.PHONY: (\S+)$", _makefile(), re.MULTILINE))


def variables() -> set[str]:
    """What the commands read: the Makefile's own, and what our programs look up beside them."""
    parameters = set().union(*cli.variables().values())
    optional = set(re.findall(r"^(\w+) \?=", _makefile(), re.MULTILINE))
    looked_up = {name for folder in ("release", "bench") for name in _looked_up(ROOT / folder)}
    scripts = _makefile() + "".join(path.read_text() for path in (ROOT / ".ci").iterdir())
    asked = set(re.findall(r"\$\{([A-Z_]+):[-+]", scripts))
    return parameters | optional | asked | looked_up - INHERITED


def _makefile() -> str:
    return (ROOT / "Makefile").read_text()


def _looked_up(folder: Path) -> Iterator[str]:
    """The names in `os.environ.get("NAME")` and `os.environ["NAME"]`."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = None
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "os.environ.get":
                name = node.args[0]
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                name = node.slice
            if isinstance(name, ast.Constant):
                yield str(name.value)
