"""Getting a cluster ready: making one, installing what releases need, seeing what is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

from release.cli.command import main
from release.cli.open_target import open_cluster
from release.console import note, out, step
from release.errors import ReleaseError, ToolError
from release.settings import options
from release.settings.target import TargetSettings
from release.targets.kubernetes.admin import doctor as examination
from release.targets.kubernetes.admin import prerequisites
from release.targets.kubernetes.helm.helm_cli import Helm
from release.toolchain import tools as programs
from release.toolchain.subprocesses import run

_KIND = Path(__file__).parents[2] / "targets" / "kubernetes" / "admin" / "kind.yaml"
_NAME = "shop"
_ADVICE = {
    "docker": "apt-get install docker.io, or see docs.docker.com",
    "kind": "go install sigs.k8s.io/kind@v0.30.0, or see kind.sigs.k8s.io",
}


@main.command()
def cluster() -> None:
    """Make a cluster of kind on this machine, where Docker and kind are there."""
    for program, advice in _ADVICE.items():
        if not shutil.which(program):
            raise ToolError(f"{program} is not here, and make cluster needs it: {advice}")
    with step(f"kind create cluster {_NAME}"):
        if _NAME not in run(["kind", "get", "clusters"]).split():
            run(["kind", "create", "cluster", "--name", _NAME, "--config", _KIND], timeout=600)
    note(f"next: make platform CONTEXT=kind-{_NAME}, then with GATEWAY=http://127.0.0.1:8080")


@main.command()
@options.target_options
@options.CHART_MIRROR
@options.VALUES
def platform(place: TargetSettings, chart_mirror: str, values: tuple[Path, ...]) -> None:
    """Install what releases need into the cluster of CONTEXT, where it is missing."""
    target = open_cluster(place)
    helm = programs.ensure(["helm"])["helm"]
    with target.lock("make platform"):
        prerequisites.install(
            target.namespaces,
            Helm(helm, target.api.context),
            target.cache,
            helm,
            chart_mirror,
            values,
        )


@main.command()
@options.target_options
def doctor(place: TargetSettings) -> None:
    """Say what the cluster of CONTEXT lacks for a release, and what to do about it."""
    target = open_cluster(place)
    programs.ensure(target.tools)
    bad = 0
    for finding in examination.examine(target.api, target.traefik, place.gateway, target.names):
        lacks = bool(finding.advice) and finding.needed
        mark = "missing" if lacks else "advised" if finding.advice else "fine"
        out.print(f"{mark:8} {finding.about}: {finding.found}", markup=False, soft_wrap=True)
        if finding.advice:
            out.print(f"{'':8} {finding.advice}", markup=False, soft_wrap=True)
        bad += lacks
    if bad:
        raise ReleaseError(f"{bad} things are missing for a release on this cluster: see above")
