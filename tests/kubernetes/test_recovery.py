"""One command at a time, and what a killed one has left is put right by the next."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from tests.conftest import eventually, kill
from tests.kubernetes.cluster import Shop


def helm_of(process: psutil.Process) -> psutil.Process | None:
    """The Helm by which a command changes the release; the others only render."""
    for child in process.children(recursive=True):
        with suppress(psutil.Error):
            if child.name() == "helm" and "upgrade" in child.cmdline():
                return child
    return None


@contextmanager
def upgrading(shop: Shop) -> Iterator[tuple[psutil.Process, psutil.Process]]:
    """A deploy whose Helm is at work: the command, and Helm; it is over when the block is."""
    started = shop.start("deploy", VERSION=1)
    command = psutil.Process(started.pid)
    found: list[psutil.Process] = []

    def at_work() -> bool:
        helm = helm_of(command)
        found[:] = [helm] if helm else []
        return bool(found) and status(shop) == "pending-upgrade"

    try:
        eventually(at_work, limit=120, what="Helm is at work")
        yield command, found[0]
    finally:
        # Whatever it does: the next test needs the target.
        started.communicate(timeout=600)


def status(shop: Shop) -> str:
    name = shop.names.version(1)
    history = json.loads(shop.helm("history", name, "-n", name, "--max", "1", "-o", "json").stdout)
    return str(history[-1]["status"])


def test_two_people_do_not_deploy_at_once(both: Shop) -> None:
    first = both.start("deploy", VERSION=1)
    try:
        eventually(lambda: both.get(both.names.shared, "leases"), what="the first has begun")
        second = both.make("deploy", VERSION=2, check=False)
    finally:
        _, said = first.communicate(timeout=600)
    assert second.returncode != 0
    assert "error: make deploy VERSION=1 (" in second.stderr
    assert "is at work on" in second.stderr
    assert first.returncode == 0, said
    assert both.get(both.names.shared, "leases") == []


def test_a_killed_deploy_is_put_right_by_the_next(both: Shop) -> None:
    with upgrading(both) as (command, helm):
        family = command.children(recursive=True)
        kill([helm, *reversed(family), command])
    assert status(both) == "pending-upgrade"
    # Whoever asks for a new one need not wait for the Lease of the dead.
    expired = {"spec": {"renewTime": "2020-01-01T00:00:00.000000Z"}}
    lease = ("-n", both.names.shared, "patch", "lease", "changing")
    both.kubectl(*lease, "--type=merge", "-p", json.dumps(expired))
    assert "a change was broken off (pending-upgrade)" in both.make("status").stdout
    done = both.make("deploy", VERSION=1)
    assert "the last change was interrupted; rolling it back" in done.stderr
    assert status(both) == "deployed"
    assert both.ask("stock.v1", "/t-shirt").status_code == 200


def test_an_interrupted_deploy_goes_back_by_itself(both: Shop) -> None:
    with upgrading(both) as (command, _):
        python = next(c for c in command.children(recursive=True) if "release" in c.cmdline())
        python.send_signal(signal.SIGTERM)
    eventually(lambda: status(both) == "deployed", limit=120)
    assert both.get(both.names.shared, "leases") == []
    assert both.ask("stock.v1", "/t-shirt").status_code == 200
