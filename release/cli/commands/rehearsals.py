"""Inject faults."""

from release.cli.main import main
from release.cli.open_target import open_target
from release.clients import faults
from release.console import note
from release.errors import ReleaseError, UsageError
from release.model import services
from release.settings import options, types
from release.settings.options import option
from release.settings.target import TargetSettings


@main.command()
@options.target_options
@options.namespace_options
@option("SERVICE", types.OneOf(services.NAMES), "Service.", required=True, example="stock")
@option("DELAY", types.Number(0, 60, decimal=True), "Seconds of delay.")
@option("ERRORS", types.Number(0, 1, decimal=True), "Share of requests that fail.")
@options.OFF
def fault(
    place: TargetSettings,
    namespace: str,
    service: str,
    delay: float | None,
    errors: float | None,
    off: bool,
) -> None:
    """Make a service slow or failing; OFF=1 ends it."""
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
