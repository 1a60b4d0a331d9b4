"""Send traffic, and count what fails. Ctrl-C ends it early, and the counts are still shown."""

import json
import sys
import time

from load import summary
from load.client_types import CLIENT_TYPES, Hosts, NoShopError, find_hosts, make_mix
from load.gateway import Gateway
from load.stats import Recorder
from load.traffic import Traffic
from release.cli.main import main
from release.cli.open_target import open_target
from release.console import note, out
from release.errors import ReleaseError, UsageError
from release.settings import options, types
from release.settings.options import option
from release.settings.target import TargetSettings

_LINES = 60
"""Progress is told this often at most, and not more than once a second."""


class Mix(types.Variable):
    """Types of clients, separated by commas."""

    name, hint = "type,type", "give 20 names at most"

    def parse(self, text: str) -> tuple[str, ...]:
        names = tuple(filter(None, (part.strip() for part in text.split(","))))
        for name in names:
            if name not in CLIENT_TYPES:
                self.refuse(f"={name!r} is not known: give some of {', '.join(CLIENT_TYPES)}")
        return names if len(names) <= 20 else self.refuse(f": {self.hint}")


@main.command()
@options.target_options
@option("RATE", types.Number(0.1, 500, decimal=True), "Requests a second.", default=20.0)
@options.FOR
@option("MIX", Mix(), "Types of clients; all that the shop answers without it.", default=())
@options.JSON
def load(
    place: TargetSettings, rate: float, seconds: int, mix: tuple[str, ...], as_json: bool
) -> None:
    """Send RATE requests a second for the time FOR; exit with 1 if any request fails."""
    gateway = Gateway(open_target(place).gateway(), place.domain)
    try:
        hosts = find_hosts(gateway)
    except NoShopError as error:
        raise ReleaseError(f"{error}: make deploy first") from error
    kinds = _kinds(mix, hosts)
    if not hosts.is_merged:
        note(f"make merge never ran: clients use the hosts of version {_listed(hosts)}")
    note(f"{rate:g} requests a second for {seconds} s: {', '.join(kinds)}")
    traffic = Traffic(make_mix(gateway, hosts, kinds), rate, seconds)
    with traffic as record:
        try:
            _watch(traffic, record, max(1.0, seconds / _LINES))
        except (KeyboardInterrupt, SystemExit):
            note("interrupted: waiting for the last answers")
    if as_json:
        print(json.dumps(summary.as_json(record), indent=2))
    else:
        out.print(summary.table(record))
        for said in summary.words(record):
            out.print(said, markup=False)
    if record.failed:
        sys.exit(1)


def _kinds(mix: tuple[str, ...], hosts: Hosts) -> list[str]:
    """Return the requested types of clients, or all that a running version serves.

    Raises UsageError if a requested type is served by no version.
    """
    wanted = mix or CLIENT_TYPES
    absent = [kind for kind in wanted if hosts.is_absent(kind)]
    if mix and absent:
        raise UsageError(f"MIX={absent[0]}: no version answers these clients (see make status)")
    if len(absent) == len(wanted):
        raise ReleaseError("no version answers: make deploy first")
    if absent:
        note(f"without {', '.join(absent)}: no version answers them")
    return [kind for kind in wanted if kind not in absent]


def _watch(traffic: Traffic, record: Recorder, pause: float) -> None:
    """Print the progress until the last answer has arrived."""
    told = 0.0
    while not traffic.is_over:
        time.sleep(0.1)
        if record.elapsed - told >= pause:
            told = record.elapsed
            note(summary.line(record))


def _listed(hosts: Hosts) -> str:
    return " and ".join(str(version) for version in hosts.versions)
