"""Lints what Helm renders of every chart, in every scenario. Called by .ci/lint."""

import sys
import tempfile
from pathlib import Path

from release.errors import ToolError
from tests.charts.lint import linters
from tests.charts.rendering import SCENARIOS, Helm, program


def main(scratch: Path) -> int:
    kubeconform = linters.kubeconform(scratch / "schemas")
    kube_score = linters.kube_score()
    helm = Helm(program("helm"), scratch / "helm")
    rendered = scratch / "rendered"
    complaints = []
    for scenario in SCENARIOS:
        file = rendered / f"{scenario}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(helm.template_scenario(scenario))
        said = kube_score.complaints(file, linters.ignored(scenario))
        complaints += [f"{scenario}: {line}" for line in said]
    complaints += kubeconform.complaints(rendered)
    for line in complaints:
        print(line)
    print(f"kubeconform, kube-score: {len(SCENARIOS)} renderings, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    try:
        with tempfile.TemporaryDirectory() as folder:
            sys.exit(main(Path(folder)))
    except ToolError as error:
        sys.exit(f"error: {error}")
