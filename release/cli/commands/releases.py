"""Bringing releases up, looking at them, taking them down."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import click

from release.cli import tables
from release.cli.command import command
from release.cli.open_target import open_target
from release.console import note, step
from release.errors import RefusedError
from release.lifecycle import contract_gate
from release.lifecycle.deploy import Rollout
from release.lifecycle.entrypoint import EntryPoint
from release.model.deprecation import announced
from release.settings import Settings
from release.targets import Target
from release.toolchain import tools as programs


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
        _unbury(EntryPoint(target, tools), settings.namespace)
    tables.show(target.report())


def _unbury(entry: EntryPoint, namespace: str) -> None:
    """A version that lives again needs no notice at its hosts."""
    layout = entry.layout()
    kept = tuple(item for item in layout.tombstones if item.namespace != namespace)
    if kept != layout.tombstones:
        why = f"{namespace} lives again"
        entry.lay_out(replace(layout, tombstones=kept), action="deploy", why=why)


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
def undo(settings: Settings) -> None:
    """Return a release to what it was before its last deploy; a first one is taken down."""
    target, namespace = open_target(settings), settings.namespace
    with target.lock(f"make undo NAMESPACE={namespace}"):
        number = target.undo(namespace, programs.ensure(target.tools))
        if number:
            note(f"{namespace} is again as it was in revision {number}")
            return
        note(f"{namespace} was deployed once only: there is nothing before it")
        _leave_entry_point(target, namespace)
        with step("stopping"):
            target.remove(namespace)


@command
def can_deploy(settings: Settings) -> None:
    """Whether the contracts allow a release of VERSION, without releasing it."""
    contract_gate.check(settings.version)
    note(f"version {settings.version} may be deployed")


@command
def status(settings: Settings) -> None:
    """What runs, where, what restarted, what fires."""
    target = open_target(settings)
    report, layout = target.report(), EntryPoint(target, {}).layout()
    promises = {item.namespace: announced(item) for item in target.deployed()}
    if settings.flag("JSON"):
        facts = report.as_json() | {
            "entrypoint": asdict(layout),
            "deprecations": {name: asdict(said) for name, said in promises.items() if said.since},
        }
        click.echo(json.dumps(facts, indent=2))
    else:
        tables.show(report)
        tables.show_layout(layout, promises)


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
    with target.lock("make down"):
        if not settings.names_one_release:
            with step("stopping"):
                target.down()
            return
        _leave_entry_point(target, settings.namespace)
        with step("stopping"):
            target.remove(settings.namespace)


def _leave_entry_point(target: Target, namespace: str) -> None:
    """Nobody may be routed to what is about to go. Raises RefusedError while visitors are."""
    entry = EntryPoint(target, {})
    layout = entry.layout()
    leaving = next((item for item in layout.shares if item.namespace == namespace), None)
    others = {item.namespace for item in target.deployed()} - {namespace, target.names.entrypoint}
    if leaving is None or not others:
        return
    if leaving.weight or layout.drain == leaving.version:
        raise RefusedError(
            f"version {leaving.version} still has visitors at the entry point: "
            "make shift or make rollback moves them, make down without VERSION stops everything"
        )
    staying = tuple(item for item in layout.shares if item != leaving)
    entry = EntryPoint(target, programs.ensure(target.tools))
    why = f"version {leaving.version} is taken down"
    entry.lay_out(replace(layout, shares=staying), action="down", why=why)
