"""`make load`: traffic as clients of both versions and people with browsers make it."""

from __future__ import annotations

import json
import signal
from typing import Any

import psutil
import pytest

from tests.conftest import Shop, kill


def _stock(shop: Shop) -> dict[str, int]:
    return {one["name"]: one["quantity"] for one in shop.get("stock.v1", "/t-shirt").json()}


def _load(shop: Shop, **variables: Any) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(shop.make("load", JSON=1, **variables).stdout)
    return report


def test_all_kinds_of_clients_are_served_and_no_sale_is_lost_or_made_twice(both: Shop) -> None:
    before = _stock(both)
    report = _load(both, RATE=60, FOR="5s")
    assert report["failed"] == report["repeated"] == 0
    assert report["failures"] == []
    assert report["requests"] >= 300
    kinds = report["kinds"]
    assert set(kinds) == {"v1-clients", "v2-clients", "browsers"}
    assert set(kinds["v1-clients"]["reached"]) == {"1"}
    assert set(kinds["v2-clients"]["reached"]) == {"2"}
    assert set(kinds["browsers"]["reached"]) == {"1", "2"}
    assert set(kinds["browsers"]["latency_ms"]) == {"p50", "p95", "p99"}
    assert report["sold"]
    after = _stock(both)
    assert {name: before[name] - after[name] for name in before if before[name] != after[name]} == {
        name: pieces for name, pieces in report["sold"].items() if pieces
    }


def test_a_failing_version_ends_it_badly_and_is_told_from_the_other(both: Shop) -> None:
    both.make("fault", VERSION=2, SERVICE="catalog", ERRORS=1)
    try:
        done = both.make("load", check=False, RATE=20, FOR="3s", MIX="v1-clients,v2-clients")
    finally:
        both.make("fault", VERSION=2, SERVICE="catalog", OFF=1)
    assert done.returncode != 0
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line.strip()}
    assert rows["v1-clients"][1:3] == ["30", "0"]
    assert rows["v2-clients"][1:3] == ["30", "30"]
    assert "v2-clients: GET http://catalog.v2.shop.localhost" in done.stdout
    assert "status 500" in done.stdout
    assert "and 25 more failed" in done.stdout


def test_progress_is_told_and_ctrl_c_ends_with_the_table(both: Shop) -> None:
    loading = both.start("load", FOR="1h")
    assert loading.stderr
    while not (line := loading.stderr.readline()).endswith(" failed\n"):
        assert line, "the traffic ended by itself"
    (client,) = [
        child
        for child in psutil.Process(loading.pid).children(recursive=True)
        if child.cmdline()[-2:] == ["release", "load"]
    ]
    client.send_signal(signal.SIGINT)
    output, errors = loading.communicate(timeout=60)
    assert loading.returncode == 0
    assert "interrupted" in errors
    assert "v1-clients" in output
    assert "bought: " in output


def test_only_clients_that_find_their_version_come_unless_named(shop: Shop) -> None:
    assert "nothing is deployed: make deploy first" in shop.make("load", check=False).stderr
    shop.make("deploy", VERSION=1)
    done = shop.make("load", FOR="2s")
    assert "make merge never ran: clients use the hosts of version 1" in done.stderr
    assert "without v2-clients: no version answers them" in done.stderr
    assert "v2-clients" not in done.stdout
    named = shop.make("load", check=False, FOR="2s", MIX="v2-clients")
    assert "error: MIX=v2-clients: no version answers these clients" in named.stderr
    [traefik] = shop.processes("traefik")
    for process in traefik.parents()[:1]:
        process.suspend()
    kill([traefik])
    refused = shop.make("load", check=False).stderr
    assert f"error: http://127.0.0.1:{shop.port} does not answer: make deploy first" in refused


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"RATE": "501"}, "RATE='501': give a number from 0.1 to 500"),
        ({"RATE": "0"}, "RATE='0': give a number from 0.1 to 500"),
        ({"FOR": "2h"}, "FOR='2h': give from 1s to 1h"),
        ({"FOR": "90"}, "FOR='90': give from 1s to 1h"),
        ({"FOR": "0s"}, "FOR='0s': give from 1s to 1h"),
        ({"MIX": "robots"}, "MIX='robots' is not known: give some of v1-clients, v2-clients"),
        ({"MIX": ",".join(["browsers"] * 21)}, "MIX: give 20 names at most"),
    ],
)
def test_a_setting_that_means_nothing_is_named(
    shop: Shop, variables: dict[str, str], words: str
) -> None:
    done = shop.make("load", check=False, **variables)
    assert done.returncode != 0
    assert f"error: {words}" in done.stderr
    assert "Traceback" not in done.stderr
