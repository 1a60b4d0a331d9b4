"""What docs/charts.md says of charts in a registry, and of a release that comes from there."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from release.charts import helm_repositories
from release.toolchain import tools
from tests.docs.markdown import ROOT, code, commands, section

CHARTS = ROOT / "docs" / "charts.md"


def test_the_charts_that_are_not_pushed_are_named(tmp_path: Path) -> None:
    packaged = helm_repositories.package_charts(tools.ensure(["helm"])["helm"], tmp_path, 0)
    pushed = {archive.name for archive in packaged}
    described = [yaml.safe_load(path.read_text()) for path in (ROOT / "charts").rglob("Chart.yaml")]
    [sentence] = re.findall(r"Every chart is pushed but [^,]*,", section(CHARTS, "An OCI registry"))
    assert {chart["name"] for chart in described} - pushed == set(code(sentence))


def test_what_the_migration_reads_is_made_before_the_release() -> None:
    values = yaml.safe_load((ROOT / "charts" / "stock" / "v2" / "values.yaml").read_text())
    name, key = values["database"]["secretName"], values["database"]["secretKey"]
    steps = commands(CHARTS)
    install = next(at for at, line in enumerate(steps) if line.startswith("helm install qv2 "))
    first = "kubectl create namespace qv2"
    secret = f"kubectl --namespace qv2 create secret generic {name} --from-file={key}=url.txt"
    assert steps.index(first) < steps.index(secret) < install
