"""Bringing releases up, looking at them, taking them down."""

from __future__ import annotations

import json

import click

from release import tables
from release import tools as programs
from release.command import command
from release.console import note, step
from release.errors import RefusedError
from release.gates import contracts as contract_gate
from release.rollout import Rollout
from release.settings import Settings
from release.targets import open_target


@command
def deploy(settings: Settings) -> None:
    """Bring up one version, or replace what runs of it without a failed request."""
    target = open_target(settings)
    target.check()
    tools = programs.ensure(target.tools)
    with target.lock(f"make deploy VERSION={settings.version}"):
        reason = _ask_gate(settings)
        rollout = Rollout(target, tools, settings.version, settings.namespace)
        rollout.deploy(settings.domain, settings.values_files, reason, settings.slack_webhook_url)
    tables.show(target.report())


def _ask_gate(settings: Settings) -> str:
    """Why the gate was overridden; empty when it had nothing against the release."""
    try:
        contract_gate.check(settings.version)
    except RefusedError as error:
        if not settings.force:
            raise RefusedError(f'{error}; to release all the same: FORCE="why"') from error
        note(f"forced ({settings.force}), although {error}")
        return settings.force
    return ""


@command
def can_deploy(settings: Settings) -> None:
    """Whether the contracts allow a release of VERSION, without releasing it."""
    contract_gate.check(settings.version)
    note(f"version {settings.version} may be deployed")


@command
def status(settings: Settings) -> None:
    """What runs, where, what restarted, what fires."""
    report = open_target(settings).report()
    if settings.flag("JSON"):
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        tables.show(report)


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
    target = open_target(settings)
    if not target.exists():
        note("nothing is deployed")
        return
    with target.lock("make down"), step("stopping"):
        if settings.names_one_release:
            target.remove(settings.namespace)
        else:
            target.down()
