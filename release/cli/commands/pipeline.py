"""What a pipeline calls, stage by stage, and all of it in one command."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from release import paths
from release import pipeline as way
from release.charts import rendering
from release.cli import tables
from release.cli.command import command
from release.cli.open_target import open_target
from release.clients import slack
from release.console import err, note, out, step
from release.errors import ChartError, ReleaseError, ToolError, UsageError
from release.images import docker
from release.images.build import read_source_revision
from release.lifecycle import smoke
from release.pipeline import pod, records, repositories
from release.pipeline.stages import DOCKER, REPOSITORIES
from release.settings import Settings
from release.toolchain import tools


@command
def preflight(settings: Settings) -> None:
    """Whether a release could begin with these parameters; changes nothing."""
    version, _ = settings.version, settings.pushes
    open_target(settings).check()
    note(f"version {version} to {settings.namespace}: the parameters make sense")


@command
def helm_dependencies(settings: Settings) -> None:
    """Build the release's chart from the chart repositories, and see that nothing differs."""
    version, target = settings.version, open_target(settings)
    helm = tools.ensure(["helm"])["helm"]
    with step("updating the dependencies from their repositories"):
        age = read_source_revision(settings.source_date_epoch).age
        resolved = repositories.resolve(helm, version, age)
    with step("comparing with the working tree"), target.lock("make helm-dependencies"):
        values = target.values(settings.namespace, version, settings.domain, slack=False)
        built = rendering.version_chart(rendering.build_charts(helm, target.cache), version)
        ours, theirs = (
            rendering.render_chart(helm, chart, settings.namespace, values)
            for chart in (built, resolved)
        )
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            name = f"{one['kind']} {one['metadata']['name']}"
            raise ChartError(
                f"{name} is another one in the repositories than in the working tree: "
                "make chart-repos, and release from what it built"
            )
    if len(ours) != len(theirs):
        raise ChartError("the repositories and the working tree render different objects")


@command
def release_pod(settings: Settings) -> None:
    """The pod in which Jenkins makes the release of VERSION, as YAML."""
    out.print(pod.release_pod(settings.version, settings.registry), markup=False)


@command
def smoke_test(settings: Settings) -> None:
    """Ask every operation of a release that needs nothing but to be asked."""
    target, namespace = open_target(settings), settings.namespace
    found = next((one for one in target.report().releases if one.namespace == namespace), None)
    if found is None:
        raise ReleaseError(f"{namespace} is not deployed: make deploy VERSION={settings.version}")
    for answer in smoke.smoke_test(target.gateway(), found.urls, settings.version):
        out.print(f"{answer.status}  {answer.url}  {answer.milliseconds:.0f} ms", markup=False)


@command
def notify(settings: Settings) -> None:
    """Tell the version's channel MESSAGE, by SLACK_WEBHOOK_URL."""
    message, webhook = settings.message, settings.slack_webhook_url
    if not message:
        raise UsageError("MESSAGE is missing: say what the channel is to be told")
    if webhook is None:
        note(f"SLACK_WEBHOOK_URL is not set, nobody is told: {message}")
        return
    slack.notify(webhook, f"#{settings.names.shop}-v{settings.version}", message)


@command
def report(settings: Settings) -> None:
    """Write the matrix of contracts, the status and the logs into REPORTS."""
    for path in records.keep(settings.reports, open_target(settings), settings.namespace):
        out.print(str(path), markup=False)


@command
def pipeline(settings: Settings) -> None:
    """Every stage of the Jenkinsfile, in order, on this machine."""
    version = settings.version

    @contextmanager
    def needs(what: str) -> Iterator[str]:
        if what == REPOSITORIES:
            age = read_source_revision(settings.source_date_epoch).age
            with repositories.served(tools.ensure(["helm"])["helm"], version, age):
                yield ""
        else:
            yield _no_docker() if what == DOCKER else ""

    results = way.run(_make, needs, settings.gives)
    tables.show_stages(results)
    if any(result.outcome is way.StageOutcome.FAILED for result in results):
        raise ReleaseError("the pipeline failed")


def _no_docker() -> str:
    try:
        docker.ensure_engine()
    except ToolError as error:
        return str(error)
    return ""


def _make(target: str, variables: Mapping[str, str]) -> bool:
    err.print(f"[bold]make {target}[/bold]")
    # Of the make that called us nothing: its variables are in the environment already.
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFL"))
    }
    done = subprocess.run(  # noqa: S603 - a target's name, never a shell line
        ["make", target],  # noqa: S607
        cwd=paths.ROOT,
        env={**own, **variables},
        stdin=subprocess.DEVNULL,
    )
    return done.returncode == 0
