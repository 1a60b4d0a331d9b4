"""One function for each command. Settings come from the environment, so that nothing is ever parsed
by a shell.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from functools import wraps
from types import FrameType
from typing import NoReturn
from xmlrpc.client import Fault, ProtocolError

import click

from release import charts, tables
from release import fault as faults
from release import tools as programs
from release.console import err, note, step
from release.errors import NotReadyError, RefusedError, ReleaseError, UsageError
from release.gates import contracts as contract_gate
from release.release import Release
from release.settings import Settings
from release.targets.local.processes import tail
from release.targets.local.target import TOOLS, LocalTarget


@click.group()
def main() -> None:
    """Release backward-incompatible API changes safely."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As Ctrl-C: what was begun is undone on the way out.
        signal.signal(number, _leave)


def _leave(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def command(function: Callable[[Settings], None]) -> None:
    """Register a command; foreseeable errors become one line and an exit code."""

    @wraps(function)
    def run() -> None:
        try:
            settings = Settings.from_environment()
            settings.check()
            function(settings)
        except ReleaseError as error:
            if isinstance(error, NotReadyError) and error.log:
                err.print(error.log, markup=False, style="dim")
            err.print(f"error: {error}", markup=False, style="bold red")
            sys.exit(error.exit_code)
        except (OSError, Fault, ProtocolError) as error:
            # Not foreseen one by one: a full disk, a process manager that dies in mid-sentence.
            reason = str(error).splitlines() or [""]
            err.print(f"error: {type(error).__name__}: {reason[0]}", markup=False, style="bold red")
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)

    main.command(name=function.__name__.replace("_", "-"))(run)


@command
def deploy(settings: Settings) -> None:
    """Bring up one version, or replace what runs of it without a failed request."""
    version, namespace = settings.version, settings.namespace
    target = LocalTarget(settings)
    target.check()
    found = programs.ensure(TOOLS)
    with target.lock(f"make deploy VERSION={version}"):
        reason = _ask_gate(settings)
        with step("rendering the charts"):
            chart = charts.build(found["helm"], version, target.cache)
            values = charts.merge(target.values(settings), *map(charts.read, settings.values_files))
            objects = charts.render(found["helm"], chart, namespace, values)
        number = charts.chart_version(chart)
        release = Release(namespace, version, number, values, objects, reason)
        target.apply(release, found, settings.slack_webhook_url)
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
    report = LocalTarget(settings).report()
    if settings.flag("JSON"):
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        tables.show(report)


@command
def logs(settings: Settings) -> None:
    """The last lines of a service's logs."""
    workload = settings.workload
    namespace = None if workload == "gateway" else settings.namespace
    for path in LocalTarget(settings).logs(namespace, workload):
        note(f"--- {path.name}")
        click.echo(tail(path, lines=settings.lines))


@command
def fault(settings: Settings) -> None:
    """Make a service slow or failing, for rehearsals; OFF=1 ends it."""
    service, namespace = settings.service, settings.namespace
    off, delay, errors = settings.flag("OFF"), settings.delay, settings.errors
    if off == (delay is not None or errors is not None):
        raise UsageError(
            "give DELAY= (seconds) or ERRORS= (a share from 0 to 1) or both, or OFF=1 alone"
        )
    addresses = LocalTarget(settings).internal_addresses(namespace, service)
    if off:
        faults.clear(addresses)
        note(f"{service} of {namespace} is back to normal")
    else:
        faults.switch(addresses, delay or 0, errors or 0)
        note(f"{service} of {namespace}: {delay or 0:g} s late, {errors or 0:.0%} of requests fail")


@command
def tools(settings: Settings) -> None:
    """Fetch every program that is missing, and say where each is: a name and a path a line."""
    for name, path in programs.ensure(programs.TOOLS).items():
        click.echo(f"{name} {path}")


@command
def down(settings: Settings) -> None:
    """Stop one version, or everything."""
    target = LocalTarget(settings)
    if not target.exists():
        note("nothing is deployed")
        return
    with target.lock("make down"), step("stopping"):
        if settings.names_one_release:
            target.remove(settings.namespace)
        else:
            target.down()
