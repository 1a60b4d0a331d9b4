"""Bringing releases up, looking at them, taking them down."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from release.cli import tables
from release.cli.command import command
from release.cli.open_target import open_target
from release.console import note
from release.lifecycle import contract_gate
from release.lifecycle import deploy as deployments
from release.lifecycle import undo as removal
from release.lifecycle.entrypoint import EntryPoint
from release.model.deprecation import announced
from release.settings import Settings
from release.toolchain import tools as programs


@command
def deploy(settings: Settings) -> None:
    """Bring up one version, or replace what runs of it without a failed request."""
    target = open_target(settings)
    deployments.deploy(
        target,
        settings.version,
        settings.namespace,
        domain=settings.domain,
        values_files=settings.values_files,
        force=settings.force,
        slack_webhook_url=settings.slack_webhook_url,
    )
    tables.show(target.report())


@command
def undo(settings: Settings) -> None:
    """Return a release to what it was before its last deploy; a first one is taken down."""
    removal.undo(open_target(settings), settings.namespace)


@command
def can_deploy(settings: Settings) -> None:
    """Whether the contracts allow a release of VERSION, without releasing it."""
    contract_gate.check(settings.version)
    note(f"version {settings.version} may be deployed")


@command
def status(settings: Settings) -> None:
    """What runs, where, what restarted, what fires."""
    target = open_target(settings)
    report, split = target.report(), EntryPoint(target, {}).split()
    deployed = target.deployed()
    if settings.flag("JSON"):
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
        tables.show(report)
        tables.show_split(split, deployed)


@command
def logs(settings: Settings) -> None:
    """The last lines of a service's logs."""
    workload = settings.workload
    namespace = None if workload == "gateway" else settings.namespace
    for name, said in open_target(settings).logs(namespace, workload, settings.lines):
        note(f"--- {name}")
        click.echo(said)


@command
def tools(settings: Settings) -> None:
    """Fetch every program that is missing, and say where each is: a name and a path a line."""
    for name, path in programs.ensure(programs.TOOLS).items():
        click.echo(f"{name} {path}")


@command
def down(settings: Settings) -> None:
    """Stop one version, or everything."""
    namespace = settings.namespace if settings.names_one_release else None
    removal.take_down(open_target(settings), namespace)
