"""Prepare a cluster: install what releases need, and report what is missing."""

from pathlib import Path

from release.cli.main import main
from release.cli.open_target import open_cluster
from release.console import out
from release.errors import ReleaseError
from release.settings import options
from release.settings.target import TargetSettings
from release.targets.kubernetes.admin import doctor as examination
from release.targets.kubernetes.admin import prerequisites
from release.targets.kubernetes.helm.helm_cli import Helm
from release.targets.target import fetch_tools


@main.command()
@options.target_options
@options.VALUES
def platform(place: TargetSettings, values: tuple[Path, ...]) -> None:
    """Install the prerequisites that the cluster of CONTEXT lacks."""
    target = open_cluster(place)
    helm = target.tools["helm"]
    with target.lock("make platform"):
        cluster_helm = Helm(helm, target.api.context)
        prerequisites.install(target.namespaces, cluster_helm, target.cache, helm, values)


@main.command()
@options.target_options
def doctor(place: TargetSettings) -> None:
    """Report what the cluster of CONTEXT lacks for a release, and what to do about it."""
    target = open_cluster(place)
    fetch_tools(target)
    bad = 0
    for finding in examination.examine(target.api, target.traefik, place.gateway, target.names):
        lacks = bool(finding.advice) and finding.needed
        mark = "missing" if lacks else "advised" if finding.advice else "fine"
        out.print(f"{mark:8} {finding.about}: {finding.state}", markup=False, soft_wrap=True)
        if finding.advice:
            out.print(f"{'':8} {finding.advice}", markup=False, soft_wrap=True)
        bad += lacks
    if bad:
        raise ReleaseError(f"{bad} things are missing for a release on this cluster: see above")
