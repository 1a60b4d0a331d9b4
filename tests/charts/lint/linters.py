"""The linters of rendered charts: what each complains of, a line for each complaint."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.charts.lint import go_modules, schemas

# The newest that build with Go 1.19, which is Debian 12's.
KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.6.7"
KUBE_SCORE = "github.com/zegl/kube-score/cmd/kube-score@v1.17.0"

# What kube-score would check and is not asked to.
IGNORED = (
    # A tag is a version and never moves. If it were always pulled, no pod could start while the
    # registry is away.
    "container-image-pull-policy",
    # What can be written, /tmp or a volume, has a size of its own; root file systems are read-only.
    # Where nodes count no such storage, as in kind without root, a pod that requests some is never
    # placed.
    "container-ephemeral-storage-request-and-limit",
    # It asks for rules about what leaves a pod: where the database is, a Secret knows and no chart.
    # Who may call whom is in tests/charts/test_security.py; tests and migrations listen nowhere.
    "pod-networkpolicy",
    # The operator makes the pods of Prometheus and Alertmanager: they are not in what is rendered.
    # tests/charts/test_wiring.py knows their labels, and looks at every policy and every Service.
    "networkpolicy-targets-pod",
    "service-targets-pod",
)
IGNORED_IN = {
    "postgresql": (
        # The official image's own user and group are 999.
        "container-security-context-user-group-id",
        # It asks for a Service without an address. Clients would call a pod that was replaced for
        # as long as its address is remembered; and nobody asks for one pod among several.
        "statefulset-has-servicename",
    ),
}


@dataclass(frozen=True)
class Kubeconform:
    """Would the API server, the Prometheus Operator and Traefik take every object as it is?"""

    program: Path
    location: str

    def complaints(self, folder: Path) -> list[str]:
        """About every file below the folder. All at once: reading the schemas takes it longest."""
        # Nothing is skipped: a kind without a schema is a complaint.
        return _said([self.program, "-strict", "-schema-location", self.location, "."], folder)


@dataclass(frozen=True)
class KubeScore:
    """Is every workload as secure and as robust as it can be said to be from outside?"""

    program: Path

    def complaints(self, file: Path, ignored: Iterable[str]) -> list[str]:
        """About one rendering: objects of several would be taken for one another's."""
        # Memory has a limit. CPU needs none: a pod may use what nobody else does.
        options = ["--ignore-container-cpu-limit", "--exit-one-on-warning", "--output-format=ci"]
        options += [f"--kubernetes-version=v{schemas.KUBERNETES.rpartition('.')[0]}"]
        options += [f"--ignore-test={check}" for check in ignored]
        said = _said([self.program, "score", *options, file.name], file.parent)
        return [line for line in said if not line.startswith(("[OK]", "[SKIPPED]"))] or said


def ignored(scenario: str) -> tuple[str, ...]:
    """The checks that are left out in a scenario."""
    return IGNORED + IGNORED_IN.get(scenario.partition(":")[0], ())


def kubeconform(folder: Path) -> Kubeconform:
    """Built, with its schemas in a folder. Raises ToolError when it cannot be had."""
    return Kubeconform(go_modules.program(KUBECONFORM), schemas.write(folder))


def kube_score() -> KubeScore:
    """Built. Raises ToolError when it cannot be had."""
    return KubeScore(go_modules.program(KUBE_SCORE))


def _said(command: list[str | Path], folder: Path) -> list[str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode == 0:
        return []
    return (done.stdout + done.stderr).splitlines() or [f"exit code {done.returncode}"]
