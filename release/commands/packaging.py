"""Images and chart repositories: what a cluster, or somebody else's build, takes from here."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from release import chart_publication, chart_repositories, docker, project, registries, tools
from release.command import command
from release.console import out, step
from release.errors import UsageError
from release.images import build, of_version, working_tree
from release.settings import Settings


@command
def images(settings: Settings) -> None:
    """Build the images of all versions or one, and push them if asked to."""
    registry, access = settings.registry, registries.access(settings.environment)
    pushes = settings.pushes
    docker.ensure_engine()
    revision, references = working_tree(settings.source_date_epoch), []
    for image in of_version(settings.optional_version):
        reference = image.reference(registry)
        with step(f"building {reference}"):
            build(image, reference, revision, settings.base_image, settings.wheelhouse)
        references.append(reference)
    if pushes:
        _push(references, registry, access)
    for reference in references:
        out.print(reference, markup=False)


@command
def chart_repos(settings: Settings) -> None:
    """Build an image for each version of stock's and of the monitoring's charts: a Helm repository
    each.
    """
    registry, access = settings.registry, registries.access(settings.environment)
    pushes = settings.pushes
    helm = tools.ensure(["helm"])["helm"]
    revision, references = working_tree(settings.source_date_epoch), []
    with step("packaging the charts"):
        found = chart_repositories.repositories(helm, project.ROOT / ".charts", revision.age)
    docker.ensure_engine()
    for repository in found:
        reference = repository.reference(registry)
        with step(f"building {reference}"):
            chart_repositories.build(repository, reference, revision, settings.base_image)
        references.append(reference)
    if pushes:
        _push(references, registry, access)
    for reference in references:
        out.print(reference, markup=False)


@command
def publish_charts(settings: Settings) -> None:
    """Push every chart, with all that it depends on, to an OCI registry."""
    registry, access = settings.oci, registries.access(settings.environment)
    if not registry:
        raise UsageError("OCI is missing: name a registry, as in OCI=oci://registry.example/charts")
    helm = tools.ensure(["helm"])["helm"]
    with tempfile.TemporaryDirectory() as folder:
        with step("packaging the charts"):
            age = working_tree(settings.source_date_epoch).age
            archives = chart_repositories.package(helm, Path(folder), age)
        for reference in chart_publication.push(helm, archives, registry, access):
            out.print(reference, markup=False)


def _push(references: Sequence[str], registry: str, access: registries.Access | None) -> None:
    with ExitStack() as stack:
        configuration = None
        if access:
            configuration = stack.enter_context(registries.scratch_configuration())
            host = registries.host(registry)
            docker.login(configuration, host, access.username, access.password)
        for reference in references:
            with step(f"pushing {reference}"):
                docker.push(reference, configuration)
