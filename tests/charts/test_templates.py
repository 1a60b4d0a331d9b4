"""The charts are small, lint clean, and built from scratch on any machine."""

import re
from pathlib import Path

import pytest

from tests.charts.rendering import CHARTS, DEPENDENTS, ROOT, Helm

TEMPLATES = sorted(path for path in CHARTS.glob("**/templates/**/*") if path.is_file())
LINES_AT_MOST = 60


@pytest.mark.parametrize("chart", DEPENDENTS)
def test_helm_lint_has_nothing_to_say(helm: Helm, chart: str) -> None:
    linted = helm.run("lint", "--strict", "--quiet", helm.charts / chart)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert not re.search(r"\[(WARNING|ERROR)\]", linted.stdout + linted.stderr)


def test_templates_fit_on_a_screen() -> None:
    long = [str(t.relative_to(ROOT)) for t in TEMPLATES if lines(t) > LINES_AT_MOST]
    assert TEMPLATES
    assert long == []


def test_names_of_files_are_in_one_style() -> None:
    style = re.compile(r"(_?[a-z]+(-[a-z]+)*\.(yaml|tpl)|NOTES\.txt)")
    assert [str(t) for t in TEMPLATES if not style.fullmatch(t.name)] == []


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())
