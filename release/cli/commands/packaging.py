"""Build and push images, chart repositories and charts."""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from release import paths
from release.charts import helm_repositories
from release.charts.oci import push_charts
from release.cli.main import main
from release.console import out, step
from release.images import docker, registries
from release.images.build import (
    build_image,
    check_registry_content,
    list_images,
    read_source_revision,
)
from release.images.registries import RegistryLogin
from release.settings import options, types
from release.settings.options import combined, option
from release.settings.types import ANY_TEXT
from release.toolchain import tools

_BASE_IMAGE = option(
    "BASE_IMAGE",
    types.Pattern(r"[\w][\w./:@-]{0,399}", "give an image, as in python:3.11-slim-bookworm"),
    "Base image.",
)
_login_options = combined(
    "login",
    registries.read_login,
    option("REGISTRY_USERNAME", ANY_TEXT, "User of the registry."),
    option("REGISTRY_PASSWORD", ANY_TEXT, "Password, from the environment only."),
)


class Wheelhouse(types.Variable):
    """A folder of wheels."""

    name, hint = "folder", "name a folder of wheels"

    def parse(self, text: str) -> Path:
        if not any(Path(text).glob("*.whl")):
            self.refuse(f"={text}: no folder with wheels")
        return Path(text)


@main.command()
@options.REGISTRY
@options.PUSH
@options.ANY_VERSION
@_BASE_IMAGE
@option("WHEELHOUSE", Wheelhouse(), "Folder of wheels, in place of a package index.")
@_login_options
def images(
    registry: str,
    push: bool,
    version: int | None,
    base_image: str | None,
    wheelhouse: Path | None,
    login: RegistryLogin | None,
) -> None:
    """Build the images of all versions or of one, and push them with PUSH=1."""
    given = _Publication(registry, login, push)
    revision = read_source_revision()
    given.make(
        {
            reference: partial(build_image, image, reference, revision, base_image, wheelhouse)
            for image in list_images(version)
            for reference in [image.reference(given.registry)]
        }
    )


@main.command("chart-repos")
@options.REGISTRY
@options.PUSH
@_BASE_IMAGE
@_login_options
def chart_repos(
    registry: str,
    push: bool,
    base_image: str | None,
    login: RegistryLogin | None,
) -> None:
    """Build an image for each version of stock's and of the monitoring's charts: a Helm repository
    each.
    """
    given = _Publication(registry, login, push)
    helm = tools.ensure(["helm"])["helm"]
    revision = read_source_revision()
    with step("packaging the charts"):
        found = helm_repositories.build_repositories(helm, paths.ROOT / ".charts", revision.age)
    given.make(
        {
            reference: partial(
                helm_repositories.build_repository_image,
                repository,
                reference,
                revision,
                base_image,
            )
            for repository in found
            for reference in [repository.reference(given.registry)]
        }
    )


@main.command("publish-charts")
@option(
    "OCI",
    types.Pattern(
        f"oci://({registries.REGISTRY.pattern})/?", "name a registry that begins with oci://"
    ),
    "Registry of the charts.",
    required=True,
    example="oci://registry.example/charts",
)
@_login_options
def publish_charts(oci: str, login: RegistryLogin | None) -> None:
    """Push the charts of releases, each with all that it depends on, to an OCI registry."""
    helm = tools.ensure(["helm"])["helm"]
    with tempfile.TemporaryDirectory() as folder:
        with step("packaging the charts"):
            age = read_source_revision().age
            archives = helm_repositories.package_charts(helm, Path(folder), age)
        for reference in push_charts(helm, archives, oci.rstrip("/"), login):
            out.print(reference, markup=False)


class _Publication:
    """Builds and pushes images. A wrong registry is an error before the first build."""

    def __init__(self, registry: str, login: RegistryLogin | None, push: bool) -> None:
        self.registry = registry
        self._access = login
        self._pushes = push
        options.check_push(push, registry)

    def make(self, builds: Mapping[str, Callable[[], object]]) -> None:
        """Build all images, push them if wanted, and print their names."""
        docker.ensure_engine()
        for reference, build_it in builds.items():
            with step(f"building {reference}"):
                build_it()
        if self._pushes:
            self._push(builds)
        for reference in builds:
            out.print(reference, markup=False)

    def _push(self, references: Iterable[str]) -> None:
        with ExitStack() as stack:
            configuration = None
            if self._access:
                configuration = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                host = registries.host_of(self.registry)
                docker.login(configuration, host, self._access.username, self._access.password)
            for reference in references:
                with step(f"asking for {reference}"):
                    check_registry_content(reference, configuration)
            for reference in references:
                with step(f"pushing {reference}"):
                    docker.push(reference, configuration)
