"""`python -m load`: traffic for RATE requests a second, FOR so long, of the clients in MIX.

Exit code: 0 nothing failed, 1 a request did, 2 the request makes no sense. Ctrl-C ends the traffic,
and counts what there was.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from load import summary
from load.gateway import Gateway
from load.kinds import KINDS, Hosts, NobodyThereError, find, mix
from load.record import Record
from load.traffic import Traffic
from release.console import err, note, out
from release.errors import ReleaseError, UsageError
from release.settings import Settings
from release.targets import open_target

_LINES = 60
"""Progress is told this often at most, and not more than once a second."""


def load(settings: Settings) -> int:
    """Run the traffic to its end, and tell what became of it."""
    gateway = Gateway(open_target(settings).gateway(), settings.domain)
    try:
        hosts = find(gateway)
    except NobodyThereError as error:
        raise ReleaseError(f"{error}: make deploy first") from error
    kinds = _kinds(settings, hosts)
    seconds = settings.period or 60
    if not hosts.is_merged:
        note(f"make merge never ran: clients use the hosts of version {_listed(hosts)}")
    note(f"{settings.rate:g} requests a second for {seconds} s: {', '.join(kinds)}")
    traffic = Traffic(mix(gateway, hosts, kinds), settings.rate, seconds)
    with traffic as record:
        try:
            _watch(traffic, record, max(1.0, seconds / _LINES))
        except KeyboardInterrupt:
            note("interrupted: waiting for the last answers")
    if settings.flag("JSON"):
        print(json.dumps(summary.as_json(record), indent=2))
    else:
        out.print(summary.table(record))
        for said in summary.words(record):
            out.print(said, markup=False)
    return 1 if record.failed else 0


def _kinds(settings: Settings, hosts: Hosts) -> list[str]:
    """Those that were asked for, or all that find somebody. Raises UsageError for who does not."""
    wanted = settings.mix or KINDS
    absent = [kind for kind in wanted if hosts.absent(kind)]
    if settings.mix and absent:
        raise UsageError(f"MIX={absent[0]}: no version answers these clients (see make status)")
    if len(absent) == len(wanted):
        raise ReleaseError("no version answers: make deploy first")
    if absent:
        note(f"without {', '.join(absent)}: no version answers them")
    return [kind for kind in wanted if kind not in absent]


def _watch(traffic: Traffic, record: Record, pause: float) -> None:
    """Until the last answer is there, a line now and then."""
    told = 0.0
    while not traffic.over:
        time.sleep(0.1)
        if record.elapsed - told >= pause:
            told = record.elapsed
            note(summary.line(record))


def _listed(hosts: Hosts) -> str:
    return " and ".join(str(version) for version in hosts.versions)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> int:
    """What can be foreseen becomes one line and an exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        settings = Settings.from_environment()
        settings.check()
        return load(settings)
    except ReleaseError as error:
        err.print(f"error: {error}", markup=False, style="bold red")
        return error.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
