"""Whatever is done to the versions, no client of either notices: each step of a release under load,
with the count of the clients.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from load import client_types
from load.stats import Recorder
from load.traffic import Traffic
from tests.conftest import Shop, eventually, kill

_ESTABLISHED, _CLOSE_WAIT = "01", "08"
"""States of connections in /proc/net/tcp."""


@contextmanager
def _everybody(shop: Shop, rate: float, *mix: str) -> Iterator[Recorder]:
    """Clients of these kinds, at the hosts where they find the shop now."""
    hosts = client_types.find_hosts(shop.gateway)
    with Traffic(
        client_types.make_mix(shop.gateway, hosts, mix or client_types.CLIENT_TYPES), rate
    ) as record:
        yield record


def _stock(shop: Shop) -> dict[str, int]:
    items = shop.get("stock.v2", "/t-shirts").json()["items"]
    return {item["sku"]: item["available"] for item in items}


def _unseen(record: Recorder, requests: int = 50) -> None:
    """Let so many more requests be answered: what was done last is to be seen by clients."""
    seen = record.requests
    eventually(lambda: record.requests >= seen + requests, what=f"{requests} more requests")


def _assert_all_is_well(record: Recorder) -> None:
    assert record.failures == []
    assert record.failed == record.repeated == 0


def test_no_request_fails_from_the_second_deploy_to_a_rollback(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    with _everybody(shop, 20, "v1-clients", "browsers") as first:
        shop.make("deploy", VERSION=2)
        shop.make("merge", WEIGHT=0)
        _unseen(first)
    _assert_all_is_well(first)

    before = _stock(shop)
    with _everybody(shop, 40, *["browsers"] * 4, "v1-clients", "v2-clients") as seen:
        # Every step on its own evidence, and at the end visitors who may stay until they leave.
        shop.make("shift", TO=2, PROFILE="demo")
        moves = [one["change"] for one in json.loads(shop.make("history", JSON=1).stdout)]
        assert [move["weights"]["2"] for move in moves] == [0, 25, 50, 100, 100]
        assert [move["drain"] for move in moves] == [0, 0, 0, 1, 0]
        _unseen(seen)
        shop.make("rollback")
        _unseen(seen)
        reached = dict(seen.kinds["browsers"].versions)
        _unseen(seen)
    _assert_all_is_well(seen)
    assert reached[2] > 0
    assert seen.kinds["browsers"].versions[2] == reached[2]  # a roll-back takes everybody along
    assert {name: before[name] - left for name, left in _stock(shop).items()} == {
        name: seen.sold[name] for name in before
    }


def test_no_request_on_the_merged_host_fails_while_both_versions_are_replaced(shop: Shop) -> None:
    for version in (1, 2):
        shop.make("deploy", VERSION=version)
    shop.make("merge", WEIGHT=50)
    values = shop.state.parent / "values.yaml"
    with _everybody(shop, 40) as seen:
        for version in (1, 2):
            values.write_text(f"threads: {4 + version}\nstock: {{threads: {4 + version}}}\n")
            shop.make("deploy", VERSION=version, VALUES=values)
        _unseen(seen)
    _assert_all_is_well(seen)
    assert set(seen.kinds["browsers"].versions) == {1, 2}


def test_no_request_fails_while_a_version_goes_and_comes_again(shop: Shop) -> None:
    for version in (1, 2):
        shop.make("deploy", VERSION=version)
    shop.make("merge", WEIGHT=50)
    with _everybody(shop, 40) as seen:
        shop.make("deprecate", VERSION=1, SUNSET=datetime.now(UTC).date() + timedelta(days=30))
        _unseen(seen)
        shop.make("merge", WEIGHT=100)
        _unseen(seen)
    _assert_all_is_well(seen)
    # Visitors whose cookie names version 1 are among them: they find their way in version 2.
    with _everybody(shop, 40, "browsers", "v2-clients") as seen:
        shop.make("decommission", VERSION=1, FORCE="its clients have moved")
        change = json.loads(shop.make("history", JSON=1).stdout)[-1]["change"]
        assert (change["action"], change["why"]) == (
            "decommission",
            "forced: its clients have moved",
        )
        assert any("Warehouse Report" in reason for reason in change["evidence"]["overridden"])
        _unseen(seen)
        assert shop.get("catalog.v1").status_code == 410
        shop.make("deploy", VERSION=1)
        shop.make("merge", WEIGHT=50)
        eventually(lambda: seen.kinds["browsers"].versions[1] > 0, what="version 1 is back")
        _unseen(seen)
    _assert_all_is_well(seen)


@pytest.mark.parametrize("service", ["catalog", "stock"])
def test_a_killed_replica_takes_no_more_with_it_than_it_was_answering(
    shop: Shop, service: str
) -> None:
    values = shop.state.parent / "values.yaml"
    values.write_text("replicas: 2\nstock: {replicas: 2}\n")
    for version in (1, 2):
        shop.make("deploy", VERSION=version, VALUES=values)
    shop.make("merge", WEIGHT=50)
    before = _stock(shop)
    with _everybody(shop, 60) as seen:
        _unseen(seen)
        for version in (1, 2):
            # The worker as well, which would end its requests in peace if only its parent died.
            parent = psutil.Process(_replica(shop, f"qv{version}", service))
            processes = [parent, *parent.children(recursive=True)]
            ports = _ports(processes)
            failed = len(seen.failures)
            begun = seen.elapsed
            connections = _connections(ports)
            kill(processes)
            _await_given_up(connections)
            killed = seen.elapsed
            for kind in seen.kinds:
                _answered_within(seen, kind, killed, 2)
            _unseen(seen, 300)
            # Whatever was asked afterwards was not in flight: the other replica answers it.
            assert [failure for failure in seen.failures[failed:] if failure.at > killed] == []
            # A connection carries one request at a time, and a request opens one at most.
            in_flight = len(connections) + _due(seen, begun, killed)
            assert len(seen.failures) - failed <= in_flight
    sold = {name: before[name] - left for name, left in _stock(shop).items()}
    for name, pieces in sold.items():
        assert seen.sold[name] <= pieces <= seen.sold[name] + seen.unsure[name]


def _replica(shop: Shop, namespace: str, service: str) -> int:
    for release in shop.status()["releases"]:
        if release["namespace"] == namespace:
            return next(
                int(process["pid"])
                for process in release["processes"]
                if f".{service}.r" in process["name"]
            )
    raise AssertionError(f"{namespace} has no {service}")


def _ports(processes: list[psutil.Process]) -> set[int]:
    """Where these processes listen."""
    return {
        one.laddr.port
        for process in processes
        for one in process.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    }


def _connections(ports: set[int]) -> set[tuple[str, str]]:
    """The two ends of each to these ports, the client's first, those too that nobody has accepted
    yet: read at once, where psutil takes a while to find the process of each.
    """
    return {
        (remote, local)
        for local, remote, state in _sockets()
        if state == _ESTABLISHED and int(local[-4:], 16) in ports
    }


def _await_given_up(connections: set[tuple[str, str]]) -> None:
    """Wait until the client has closed each. Before it has heard of the other end's death it may
    still write a request there.
    """

    def given_up() -> bool:
        kept = (_ESTABLISHED, _CLOSE_WAIT)
        held = {(local, remote) for local, remote, state in _sockets() if state in kept}
        return not connections & held

    eventually(given_up, what="every connection to the dead is given up")


def _sockets() -> Iterator[tuple[str, str, str]]:
    """Local and remote address, and the state, of every one."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *_ = line.split()
        yield local, remote, state


def _due(record: Recorder, since: float, until: float) -> int:
    """How many requests were to be sent in that time."""
    return sum(since <= due <= until for seen in record.kinds.values() for due in seen.due)


def _answered_within(record: Recorder, kind: str, since: float, limit: float) -> None:
    """Some client of this kind asks after the kill and has an answer `limit` seconds later."""
    seen = record.kinds[kind]

    def answered() -> bool:
        ends = [due + took for due, took in zip(seen.due, seen.took, strict=False) if due > since]
        return any(end < since + limit for end in ends)

    eventually(answered, limit=limit + 5, what=f"an answer for {kind} within {limit:g} s")
