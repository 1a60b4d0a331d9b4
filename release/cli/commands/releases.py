"""Deploy releases, show them, take them down."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from release.cli import output
from release.cli.main import main
from release.cli.open_target import open_target
from release.console import note, out
from release.lifecycle import contract_gate
from release.lifecycle import deploy as deployments
from release.lifecycle import undo as removal
from release.lifecycle.entrypoint import EntryPoint
from release.model.deprecation import announced
from release.model.release import Deployed
from release.model.routing import TrafficSplit
from release.settings import options, types
from release.settings.options import option
from release.settings.target import TargetSettings, missing
from release.toolchain import tools as programs

_LINES = 100


@main.command()
@options.target_options
@options.release_options
@options.VALUES
@options.FORCE
@options.SLACK_WEBHOOK_URL
@options.DRY_RUN
def deploy(
    place: TargetSettings,
    version: int,
    namespace: str,
    values: tuple[Path, ...],
    force: str,
    slack_webhook_url: str | None,
    dry_run: bool,
) -> None:
    """Deploy one version, or replace its release without a failed request."""
    target = open_target(place)
    if dry_run:
        target.check()
        contract_gate.check(version, force)
        note(f"version {version} may be deployed to {namespace}; nothing was changed")
        return
    deployments.deploy(
        target,
        version,
        namespace,
        domain=place.domain,
        values_files=values,
        force=force,
        slack_webhook_url=slack_webhook_url,
    )
    output.show_status(target.report())


@main.command()
@options.target_options
@options.namespace_options
def undo(place: TargetSettings, namespace: str) -> None:
    """Return a release to its previous revision; take it down if it has none."""
    removal.undo(open_target(place), namespace)


@main.command()
@options.target_options
@options.JSON
def status(place: TargetSettings, as_json: bool) -> None:
    """Show what runs, its addresses, restarts and firing alerts."""
    target = open_target(place)
    report, split = target.report(), EntryPoint(target).split()
    deployed = target.deployed()
    if as_json:
        facts = report.as_json() | {
            "entrypoint": asdict(split),
            "deprecations": {
                item.namespace: asdict(announced(item))
                for item in deployed
                if announced(item).since
            },
        }
        click.echo(json.dumps(facts, indent=2))
    else:
        output.show_status(report)
        _show_split(split, deployed)


@main.command()
@options.target_options
@options.optional_namespace_options
@option(
    "SERVICE",
    types.Pattern(types.LABEL, "name one"),
    "Service, prometheus-<service>, alertmanager-<service> or gateway.",
    required=True,
    example="stock",
)
def logs(place: TargetSettings, namespace: str | None, service: str) -> None:
    """Print the last 100 lines of a service's logs."""
    if service == "gateway":
        namespace = None
    elif namespace is None:
        raise missing("VERSION", types.Major().hint, "2")
    for name, said in open_target(place).logs(namespace, service, _LINES):
        note(f"--- {name}")
        click.echo(said)


@main.command()
def tools() -> None:
    """Fetch the missing programs, and print the name and path of each."""
    for name, path in programs.ensure(programs.TOOLS).items():
        click.echo(f"{name} {path}")


@main.command()
@options.target_options
@options.optional_namespace_options
def down(place: TargetSettings, namespace: str | None) -> None:
    """Take down one version, or everything; the inventory stays."""
    removal.take_down(open_target(place), namespace)


def _show_split(split: TrafficSplit, deployed: Sequence[Deployed]) -> None:
    """Print the share of new visitors that each version gets, and the announced removals."""
    for share in split.shares:
        stays = ", its visitors stay" if share.version == split.drain else ""
        out.print(f"entry point: version {share.version} gets {share.weight} %{stays}")
    for stone in split.tombstones:
        out.print(f"version {stone.version} has been removed: 410 names version {stone.successor}")
    for release in deployed:
        deprecation = announced(release)
        if deprecation.since:
            day = deprecation.sunset
            out.print(f"version {release.version} is deprecated and will be removed on {day}")
