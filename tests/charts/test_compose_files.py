"""docker-compose.yml and what it mounts are as `make compose` writes them."""

import re
from pathlib import Path

import pytest

import compose.__main__ as generator
from release import paths
from release.model import services
from tests.charts.rendering import NEWEST, ROOT

GENERATED = generator.files()


@pytest.mark.parametrize("name", GENERATED)
def test_the_file_is_the_generated_one(name: str) -> None:
    assert (ROOT / name).read_text() == GENERATED[name], f"{name} is out of date: make compose"


def test_no_prometheus_is_left_over() -> None:
    found = {f"compose/prometheus/{path.name}" for path in (ROOT / "compose/prometheus").iterdir()}
    assert found == {name for name in GENERATED if name.startswith("compose/prometheus/")}


def test_another_version_gets_everything_that_a_version_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And one that is gone leaves nothing behind."""
    charts = tmp_path / "charts"
    for chart in paths.CHARTS.rglob("Chart.yaml"):
        kept = charts / chart.relative_to(paths.CHARTS)
        kept.parent.mkdir(parents=True)
        kept.write_text(chart.read_text())
    values = paths.CHARTS / "prometheus-operated" / "values.yaml"
    (charts / "prometheus-operated" / "values.yaml").write_text(values.read_text())
    for service in services.NAMES:
        (charts / service / f"v{NEWEST}").rename(charts / service / f"v{NEWEST + 1}")
    monkeypatch.setattr(paths, "CHARTS", charts)
    before = {name: text for name, text in GENERATED.items() if f"v{NEWEST}" in name}
    after = generator.files()
    assert len(after) == len(GENERATED)
    assert not before.keys() & after.keys()
    for name in GENERATED.keys() & after.keys():
        assert mentions(after[name], NEWEST) == 0
        assert mentions(after[name], NEWEST + 1) == mentions(GENERATED[name], NEWEST)


def mentions(text: str, number: int) -> int:
    """How often a version of a service is named, as in `stock-v2` or `stock.v2`."""
    return len(re.findall(rf"[-.]v{number}\b", text))
