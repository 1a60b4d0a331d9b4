"""Images and chart repositories: what a cluster, or somebody else's build, takes from here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from release import docker, registries
from release.command import command
from release.console import out, step
from release.errors import UsageError
from release.images import build, of_version, working_tree
from release.settings import Settings


@command
def images(settings: Settings) -> None:
    """Build the images of all versions or one, and push them if asked to."""
    registry, access = settings.registry, registries.access(settings.environment)
    if settings.flag("PUSH") and not registry:
        raise UsageError("PUSH=1 needs REGISTRY=, as in REGISTRY=registry.example/team")
    docker.ensure_engine()
    revision, references = working_tree(), []
    for image in of_version(settings.optional_version):
        reference = image.reference(registry)
        with step(f"building {reference}"):
            build(image, reference, revision, settings.base_image, settings.wheelhouse)
        references.append(reference)
    if settings.flag("PUSH"):
        _push(references, registry, access)
    for reference in references:
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
