"""The commands of the pipeline's stages, and one that runs all stages."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from release import paths
from release.charts import rendering
from release.cli.main import main
from release.cli.open_target import open_target
from release.clients import slack
from release.console import err, note, out, step
from release.errors import ChartError, ReleaseError, ToolError
from release.images import docker
from release.images.build import read_source_revision
from release.lifecycle import smoke
from release.pipeline import records, repositories
from release.pipeline.stages import (
    DOCKER,
    REPOSITORIES,
    StageOutcome,
    StageResult,
    run_stages,
)
from release.settings import options, types
from release.settings.options import option
from release.settings.target import TargetSettings
from release.toolchain import tools


@main.command("helm-dependencies")
@options.target_options
@options.release_options
def helm_dependencies(place: TargetSettings, version: int, namespace: str) -> None:
    """Build the release's chart from the chart repositories; fail if it differs from the tree's."""
    target = open_target(place)
    helm = tools.ensure(["helm"])["helm"]
    with step("updating the dependencies from their repositories"):
        age = read_source_revision().age
        resolved = repositories.resolve(helm, version, age)
    with step("comparing with the working tree"), target.lock("make helm-dependencies"):
        values = target.values(namespace, version, place.domain, slack=False)
        built = rendering.version_chart(rendering.build_charts(helm, target.cache), version)
        ours, theirs = (
            rendering.render_chart(helm, chart, namespace, values) for chart in (built, resolved)
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


@main.command("release-pod")
@options.VERSION
@options.REGISTRY
@options.PUSH
def release_pod(version: int, registry: str, push: bool) -> None:
    """Print the pod in which Jenkins deploys VERSION, as YAML."""
    options.check_push(push, registry)
    out.print(repositories.release_pod(version, registry), markup=False)


@main.command("smoke-test")
@options.target_options
@options.release_options
def smoke_test(place: TargetSettings, version: int, namespace: str) -> None:
    """Send a GET to every path without parameters of a release."""
    target = open_target(place)
    found = next((one for one in target.report().releases if one.namespace == namespace), None)
    if found is None:
        raise ReleaseError(f"{namespace} is not deployed: make deploy VERSION={version}")
    for answer in smoke.smoke_test(target.gateway(), found.urls, version):
        out.print(f"{answer.status}  {answer.url}  {answer.milliseconds:.0f} ms", markup=False)


@main.command()
@options.target_options
@options.VERSION
@option(
    "MESSAGE", types.OneLine("one line"), "Line for the channel.", required=True, example="done"
)
@options.SLACK_WEBHOOK_URL
def notify(
    place: TargetSettings, version: int, message: str, slack_webhook_url: str | None
) -> None:
    """Post MESSAGE to the version's Slack channel."""
    if slack_webhook_url is None:
        note(f"SLACK_WEBHOOK_URL is not set, nobody is told: {message}")
        return
    slack.notify(slack_webhook_url, f"#{place.names.shop}-v{version}", message)


@main.command("report")
@options.target_options
@options.namespace_options
@option("REPORTS", types.Folder(), "Folder of the reports.", default=paths.ROOT / "reports")
def report(place: TargetSettings, namespace: str, reports: Path) -> None:
    """Write the contract matrix, the status and the logs into the folder REPORTS."""
    for path in records.write_records(reports, open_target(place), namespace):
        out.print(str(path), markup=False)


@main.command()
@options.target_options
@options.release_options
@option("SHIFT", types.Flag(), "Merge, and shift traffic to VERSION.", to="shifts")
@options.PUSH
def pipeline(place: TargetSettings, version: int, namespace: str, push: bool, shifts: bool) -> None:
    """Run every stage of the Jenkinsfile, in order, on this machine."""
    options.check_push(push, place.registry)

    @contextmanager
    def needs(what: str) -> Iterator[str]:
        if what == REPOSITORIES:
            age = read_source_revision().age
            with repositories.served(tools.ensure(["helm"])["helm"], version, age):
                yield ""
        else:
            yield _no_docker() if what == DOCKER else ""

    results = run_stages(_make, needs, _gives)
    _show_stages(results)
    if any(result.outcome is StageOutcome.FAILED for result in results):
        raise ReleaseError("the pipeline failed")


def _gives(name: str) -> bool:
    """Return True if the caller set a variable to something other than 0."""
    return (os.environ.get(name, "").strip() or "0").lower() not in ("0", "false", "no")


def _no_docker() -> str:
    try:
        docker.ensure_engine()
    except ToolError as error:
        return str(error)
    return ""


def _targets() -> list[str]:
    return re.findall(r"^\.PHONY: (\S+)$", (paths.ROOT / "Makefile").read_text(), re.MULTILINE)


def _make(target: str, variables: Mapping[str, str]) -> bool:
    words = ["make", target] if target in _targets() else [sys.executable, "-m", "release", target]
    err.print(f"make {target}", style="bold", markup=False)
    # Nothing of the make that called us: its variables are in the environment already.
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFL"))
    }
    done = subprocess.run(  # noqa: S603 - a target's name, never a shell line
        words,
        cwd=paths.ROOT,
        env={**own, **variables},
        stdin=subprocess.DEVNULL,
    )
    return done.returncode == 0


def _show_stages(results: Sequence[StageResult]) -> None:
    """Print the outcome of each stage."""
    styles = {StageOutcome.DONE: "green", StageOutcome.FAILED: "bold red"}
    table = Table(box=SIMPLE, pad_edge=False)
    for column in ("stage", "outcome", "seconds", ""):
        table.add_column(column, justify="right" if column == "seconds" else "left")
    for result in results:
        style = styles.get(result.outcome, "dim")
        seconds = f"{result.seconds:.1f}" if result.seconds else ""
        table.add_row(result.stage, f"[{style}]{result.outcome}[/]", seconds, escape(result.why))
    out.print(table)
