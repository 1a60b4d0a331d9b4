"""One host for both versions: who gets which, who may choose, and who has the last word."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from release.model import services
from tests.conftest import DOMAIN, Shop, eventually, kill

COOKIE = "shop_version"


@pytest.fixture(scope="module")
def merged(both: Shop) -> Shop:
    """Both versions behind one host; the tests set the weights that they need."""
    both.make("merge", WEIGHT=10)
    return both


def visit(
    shop: Shop, session: requests.Session | None = None, headers: Mapping[str, str] | None = None
) -> requests.Response:
    """A request to the merged host; without a session, a first visit."""
    with session or requests.Session() as visitor:
        visitor.trust_env = False
        address = f"http://127.0.0.1:{shop.port}/"
        return visitor.get(address, headers={"Host": DOMAIN, **(headers or {})}, timeout=10)


def version_of(answer: requests.Response) -> int:
    assert answer.status_code == 200, answer.text
    [version] = [number for number in (1, 2) if f"Version {number}" in answer.text]
    return version


def split(shop: Shop, visits: int) -> Counter[int]:
    return Counter(version_of(visit(shop)) for _ in range(visits))


def counted(shop: Shop) -> Counter[str]:
    """What Traefik counted on the weighted route, by version's namespace."""
    expression = 'traefik_service_requests_total{service=~".*[.]weighted@.*"}'
    found = shop.query("gateway.entrypoint", expression)
    counts: Counter[str] = Counter()
    for series in found:
        counts[series["metric"]["service"].partition(".")[0]] += int(series["value"][1])
    return counts


def history(shop: Shop) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = json.loads(shop.make("history", JSON=1).stdout)
    return changes


def test_first_visits_are_split_exactly(merged: Shop) -> None:
    merged.make("merge", WEIGHT=10)
    assert split(merged, 200) == {1: 180, 2: 20}


def test_a_visitor_stays_with_a_version(merged: Shop) -> None:
    merged.make("merge", WEIGHT=50)
    for _ in range(4):
        with requests.Session() as session:
            first = version_of(visit(merged, session))
            assert session.cookies.keys() == [COOKIE]
            assert {version_of(visit(merged, session)) for _ in range(5)} == {first}


@pytest.mark.parametrize("version", [1, 2])
def test_a_client_pins_a_version_whatever_its_cookie_says(merged: Shop, version: int) -> None:
    merged.make("merge", WEIGHT=50)
    with requests.Session() as session:
        visit(merged, session)
        for _ in range(5):
            assert version_of(visit(merged, session, {"API-Version": str(version)})) == version


@pytest.mark.parametrize("value", ["3", "", "1, 2", "v1", "x" * 5000])
def test_an_unknown_version_is_told_the_live_ones(merged: Shop, value: str) -> None:
    answer = visit(merged, headers={"API-Version": value})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["live"] == [1, 2]


@pytest.mark.parametrize("values", [("1", "1"), ("1", "2"), ("2", "9"), ("8", "9")])
def test_a_repeated_version_is_told_the_live_ones(merged: Shop, values: tuple[str, ...]) -> None:
    answer = raw(merged, [("API-Version", value) for value in values])
    assert answer.startswith("HTTP/1.1 400 ")
    assert "1, 2" in answer


def test_an_underscore_is_no_alias(merged: Shop) -> None:
    merged.make("merge", WEIGHT=100)
    assert version_of(visit(merged, headers={"API_Version": "1"})) == 2


def raw(shop: Shop, headers: list[tuple[str, str]]) -> str:
    """An answer to headers that a client library would not send."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    with socket.create_connection(("127.0.0.1", shop.port), timeout=10) as connection:
        request = f"GET / HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: close\r\n{lines}\r\n"
        connection.sendall(request.encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def test_only_the_weighted_route_is_counted_as_evidence(merged: Shop) -> None:
    merged.make("merge", WEIGHT=50)
    merged.caught_up("gateway.entrypoint")
    before = counted(merged)
    for version in (1, 2):
        for _ in range(7):
            visit(merged, headers={"API-Version": str(version)})
            merged.get(f"catalog.v{version}")
    for _ in range(10):
        visit(merged)
    merged.caught_up("gateway.entrypoint")
    assert counted(merged) - before == {"qv1": 5, "qv2": 5}


def test_a_roll_back_takes_sticky_visitors_along(merged: Shop) -> None:
    merged.make("merge", WEIGHT=100)
    with requests.Session() as session:
        assert version_of(visit(merged, session)) == 2
        merged.make("rollback")
        assert {version_of(visit(merged, session)) for _ in range(5)} == {1}
    assert split(merged, 20) == {1: 20}


def test_a_roll_back_needs_no_prometheus(merged: Shop) -> None:
    merged.make("merge", WEIGHT=100)
    stopped = merged.processes("prometheus")
    # One for each version of each service, and the gateway's.
    assert len(stopped) == 2 * len(services.NAMES) + 1
    try:
        for process in stopped:
            os.kill(process.pid, signal.SIGSTOP)
        merged.make("rollback")
        assert split(merged, 10) == {1: 10}
    finally:
        for process in stopped:
            os.kill(process.pid, signal.SIGCONT)


def test_weights_survive_a_restart_of_the_gateway(merged: Shop) -> None:
    merged.make("merge", WEIGHT=25)
    [gateway] = merged.processes("traefik")
    kill([gateway])
    eventually(lambda: answers(merged), what="Traefik is back")
    # The visit that showed that it is back was one of the first round of four.
    assert split(merged, 39)[2] in (9, 10)


def answers(shop: Shop) -> bool:
    try:
        return visit(shop).status_code == 200
    except requests.ConnectionError:
        return False


def test_history_tells_who_moved_what(merged: Shop) -> None:
    merged.make("merge", WEIGHT=30)
    merged.make("rollback")
    *_, merge, rollback = history(merged)
    assert merge["change"]["action"] == "merge"
    assert merge["change"]["weights"] == {"1": 70, "2": 30}
    assert rollback["change"]["action"] == "rollback"
    assert rollback["change"]["weights"] == {"1": 100, "2": 0}
    assert rollback["revision"] == merge["revision"] + 1
    assert "@" in rollback["change"]["by"]
    shown = merged.make("history").stdout
    assert "rollback" in shown


def test_status_tells_the_shares(merged: Shop) -> None:
    merged.make("merge", WEIGHT=40)
    shares = merged.status()["entrypoint"]["shares"]
    assert [(share["version"], share["weight"]) for share in shares] == [(1, 60), (2, 40)]
    assert "version 2 gets 40 %" in merged.make("status").stdout


def test_a_version_with_visitors_cannot_be_taken_down(merged: Shop) -> None:
    merged.make("merge", WEIGHT=40)
    refused = merged.make("down", check=False, VERSION=2)
    assert refused.returncode != 0
    assert "version 2 still has visitors" in refused.stderr
    assert merged.get("catalog.v2").status_code == 200


def test_one_version_can_have_the_host_alone_and_share_it_later(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    refused = shop.make("merge", check=False, WEIGHT=10)
    assert refused.returncode != 0
    assert "version 1 is the only one that is deployed" in refused.stderr
    shop.make("merge")
    assert split(shop, 3) == {1: 3}
    assert visit(shop, headers={"API-Version": "2"}).json()["live"] == [1]
    shop.make("deploy", VERSION=2)
    shop.make("merge", WEIGHT=0)
    assert split(shop, 10) == {1: 10}
    assert version_of(visit(shop, headers={"API-Version": "2"})) == 2
    shop.make("down", VERSION=2)
    assert split(shop, 3) == {1: 3}
    shop.make("down", VERSION=1)
    assert shop.processes() == []


def test_what_was_chosen_for_the_entry_point_stays(merged: Shop, tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("cookie: {maxAge: 3600}")
    merged.make("merge", WEIGHT=50, VALUES=values)
    merged.make("rollback")
    merged.make("merge", WEIGHT=50)
    assert "Max-Age=3600" in visit(merged).headers["Set-Cookie"]


def test_bad_weights_and_missing_versions_change_nothing(merged: Shop) -> None:
    before = history(merged)
    for weight in ("101", "-1", "ten", "$(touch x)"):
        refused = merged.make("merge", check=False, WEIGHT=weight)
        assert refused.returncode != 0
        assert "WEIGHT" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert history(merged) == before
