"""The tests of the tool lie where the code lies that they test."""

from __future__ import annotations

from tests.conftest import ROOT


def test_the_tests_mirror_the_tool() -> None:
    code, tests = ROOT / "release", ROOT / "tests" / "release"
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    homes = {path.relative_to(code).with_suffix("") for path in code.rglob("*")}
    assert folders
    assert folders - homes == set()
