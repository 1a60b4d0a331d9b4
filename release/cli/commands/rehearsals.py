"""Rehearsals: things that go wrong on purpose."""

from __future__ import annotations

from release.cli.command import main
from release.cli.open_target import open_target
from release.clients import faults
from release.console import note
from release.errors import ReleaseError, UsageError
from release.settings import options
from release.settings.target import TargetSettings


@main.command()
@options.target_options
@options.namespace_options
@options.SERVICE
@options.DELAY
@options.ERRORS
@options.OFF
def fault(
    place: TargetSettings,
    namespace: str,
    service: str,
    delay: float | None,
    errors: float | None,
    off: bool,
) -> None:
    """Make a service slow or failing, for rehearsals; OFF=1 ends it."""
    service, namespace = service, namespace
    off, delay, errors = off, delay, errors
    if off == (delay is not None or errors is not None):
        raise UsageError(
            "give DELAY= (seconds) or ERRORS= (a share from 0 to 1) or both, or OFF=1 alone"
        )
    addresses = open_target(place).internal_addresses(namespace, service)
    if not addresses:
        raise ReleaseError(f"{service} of {namespace} has no process that stays: see make status")
    if off:
        faults.clear(addresses)
        note(f"{service} of {namespace} is back to normal")
    else:
        faults.inject(addresses, delay or 0, errors or 0)
        note(f"{service} of {namespace}: {delay or 0:g} s late, {errors or 0:.0%} of requests fail")
