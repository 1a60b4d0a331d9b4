"""The end of a version: announced, rehearsed, refused while anybody needs it, and told to who comes
late.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import Shop, copy_of_the_project, eventually, kill

REHEARSAL = 25
"""Seconds. The end is set before the processes are replaced, which takes a busy machine a while."""
WAREHOUSE = {"User-Agent": "warehouse-report/1.0"}
PAST = {"global": {"deprecation": {"since": 1700000000, "sunset": "2024-01-01", "successor": 2}}}


def consumers(shop: Shop, window: str = "10m") -> dict[tuple[str, str], dict[str, Any]]:
    found = json.loads(shop.make("consumers", VERSION=1, WINDOW=window, JSON=1).stdout)
    return {(caller["service"], caller["consumer"]): caller for caller in found["callers"]}


def decommission(shop: Shop, **variables: object) -> subprocess.CompletedProcess[str]:
    return shop.make("decommission", check=False, VERSION=1, **variables)


def test_a_deprecation_is_told_by_every_answer_and_outlives_a_redeploy(both: Shop) -> None:
    both.make("deprecate", VERSION=1, SUNSET="2099-03-01", LINK="https://shop.example/v1")

    def told() -> tuple[str, ...]:
        for name, path in (("stock.v1", "/t-shirt"), ("catalog.v1", "/"), ("stock.v1", "/nothing")):
            headers = both.get(name, path).headers
            assert headers["Sunset"] == "Sun, 01 Mar 2099 00:00:00 GMT"
            assert 'rel="successor-version"' in headers["Link"]
            assert '<https://shop.example/v1>; rel="deprecation"' in headers["Link"]
        return headers["Deprecation"], headers["Sunset"], headers["Link"]

    before = told()
    both.make("deploy", VERSION=1, VALUES=values(both, {"threads": 3}))
    assert told() == before
    assert "Deprecation" not in both.get("stock.v2", "/t-shirts").headers
    assert "version 1 is deprecated and will be removed on 2099-03-01" in both.make("status").stdout
    both.make("deprecate", VERSION=1, OFF=1)
    assert "Sunset" not in both.get("stock.v1", "/t-shirt").headers


def values(shop: Shop, content: dict[str, Any]) -> Path:
    path = shop.state.parent / "values.yaml"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SUNSET": "2020-01-01"}, "that day has begun"),
        ({"SUNSET": "soon"}, "give a date"),
        ({}, "SUNSET is missing"),
        ({"SUNSET": "2099-01-01", "LINK": "javascript:alert(1)"}, "give an http(s) address"),
        ({"SUNSET": "2099-01-01", "VERSION": 2}, "nothing comes after it"),
        ({"SUNSET": "2099-01-01", "NAMESPACE": "trial"}, "trial is not deployed"),
    ],
)
def test_an_announcement_that_makes_no_sense_changes_nothing(
    both: Shop, variables: dict[str, Any], said: str
) -> None:
    before = both.status()["releases"]
    refused = both.make("deprecate", check=False, **{"VERSION": 1, **variables})
    assert refused.returncode != 0
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert [item["revision"] for item in both.status()["releases"]] == [
        item["revision"] for item in before
    ]


def test_callers_are_told_by_name_and_strangers_too(both: Shop) -> None:
    before = consumers(both).get(("stock", "warehouse-report"), {"requests": 0})["requests"]
    for _ in range(3):
        assert both.get("stock.v1", "/t-shirt", headers=WAREHOUSE).status_code == 200
    both.get("stock.v1", "/t-shirt", headers={"User-Agent": "curl/8"})
    both.get("stock.v1", "/no-such-thing", headers={"User-Agent": "Mozilla/5.0"})
    both.get("catalog.v1")

    def seen() -> bool:
        found = consumers(both)
        requests = found.get(("stock", "warehouse-report"), {"requests": 0})["requests"]
        return requests == before + 3 and ("stock", "catalog") in found

    eventually(seen, what="the warehouse's three requests")
    found = consumers(both)
    assert found["stock", "catalog"]["own"]
    assert not found["stock", "other"]["own"]
    assert ("stock", "browser") not in found, "a 404 serves nobody"
    shown = both.make("consumers", VERSION=1, WINDOW="10m").stdout
    assert "warehouse-report" in shown
    assert "contract: Warehouse Report (#warehouse on Slack" in shown


def test_calls_survive_a_replacement_of_the_process_that_counted_them(both: Shop) -> None:
    both.get("stock.v1", "/t-shirt", headers=WAREHOUSE)
    both.caught_up("stock.v1")
    before = consumers(both)["stock", "warehouse-report"]["requests"]
    both.make("deploy", VERSION=1, VALUES=values(both, {"stock": {"threads": 5}}))
    assert consumers(both)["stock", "warehouse-report"]["requests"] == before


def test_a_brownout_ends_by_itself_and_tells_who_called(both: Shop) -> None:
    running = both.start("brownout", VERSION=1, FOR=f"{REHEARSAL}s")
    eventually(lambda: both.get("stock.v1", "/t-shirt").status_code == 503, what="the brownout")
    answer = both.get("stock.v1", "/t-shirt", headers=WAREHOUSE)
    assert answer.status_code == 503
    assert 0 < int(answer.headers["Retry-After"]) <= REHEARSAL + 5  # to replace processes
    assert both.get("catalog.v1").status_code == 503
    assert both.get("stock.v2", "/t-shirts").status_code == 200
    said, trouble = running.communicate(timeout=60)
    assert running.returncode == 0, trouble
    assert "warehouse-report called 1 times" in said + trouble
    assert both.get("stock.v1", "/t-shirt").status_code == 200


def test_a_brownout_ends_though_the_tool_was_killed(both: Shop) -> None:
    running = both.start("brownout", VERSION=1, FOR=f"{REHEARSAL}s")
    eventually(lambda: both.get("stock.v1", "/t-shirt").status_code == 503, what="the brownout")
    kill(psutil.Process(running.pid).children(recursive=True))
    running.communicate(timeout=10)
    eventually(
        lambda: both.get("stock.v1", "/t-shirt").status_code == 200,
        limit=2 * REHEARSAL,
        what="back again",
    )


def test_a_decommission_is_refused_with_every_reason_and_its_owner(both: Shop) -> None:
    both.make("merge", WEIGHT=50)
    both.get("stock.v1", "/t-shirt", headers=WAREHOUSE)
    refused = decommission(both, WINDOW="10m")
    assert refused.returncode != 0
    for line in (
        "blocked by entry point: version 1 gets 50 % of the entry point's new visitors",
        "blocked by this repository: no sunset was announced",
        "blocked by #warehouse on Slack, warehouse@shop.example: Warehouse Report has a contract",
        "blocked by warehouse-report: ",
        "blocked by prometheus-stock: has watched stock for",
    ):
        assert line in refused.stdout + refused.stderr, line
    assert 'FORCE="why"' in refused.stderr
    assert both.get("stock.v1", "/t-shirt").status_code == 200


def test_a_silent_prometheus_is_a_reason_against(both: Shop) -> None:
    silent = [
        process
        for process in both.processes("prometheus")
        if "qv1.prometheus-stock" in " ".join(process.cmdline())
    ]
    assert len(silent) == 1
    os.kill(silent[0].pid, signal.SIGSTOP)
    try:
        refused = decommission(both, WINDOW="5s")
    finally:
        os.kill(silent[0].pid, signal.SIGCONT)
    assert refused.returncode != 0
    assert "blocked by prometheus-stock: who calls stock is not known" in refused.stderr


def test_a_rehearsed_decommission_changes_nothing(both: Shop) -> None:
    before = len(both.make("history", JSON=1).stdout)
    told = decommission(both, WINDOW="5s", DRY_RUN=1, FORCE="a look")
    assert told.returncode == 0, told.stderr
    assert "qv1 would be removed" in told.stdout + told.stderr
    assert len(both.make("history", JSON=1).stdout) == before
    assert both.get("stock.v1", "/t-shirt").status_code == 200


@pytest.fixture
def moved_on(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose consumers outside the repository have no contract with version 1 any more."""
    for shop, project in copy_of_the_project(tmp_path):
        for path in (project / "contracts" / "external").glob("*.json"):
            path.unlink()
        (project / "contracts" / "external" / "owners.yaml").write_text("[]")
        yield shop


def test_a_version_that_nobody_needs_goes_and_its_hosts_say_so_until_it_returns(
    moved_on: Shop,
) -> None:
    """Without a reason to force it, and also where merge never ran."""
    shop = moved_on
    shop.make("deploy", VERSION=2)
    shop.make("deploy", VERSION=1, VALUES=values(shop, PAST))
    eventually(
        lambda: "watched" not in decommission(shop, WINDOW="3s", DRY_RUN=1).stderr,
        what="a window that was watched",
    )
    gone = decommission(shop, WINDOW="3s")
    assert gone.returncode == 0, gone.stderr
    for name, path in (("stock.v1", "/t-shirt"), ("catalog.v1", "/")):
        answer = shop.get(name, path, headers={"Accept": "application/json"})
        assert answer.status_code == 410
        assert answer.headers["Content-Type"] == "application/problem+json"
        successor = f"http://{name.replace('1', '2')}.shop.localhost:{shop.port}/"
        assert answer.json()["successor-version"] == successor
    page = shop.get("catalog.v1", headers={"Accept": "text/html"})
    assert page.status_code == 410
    assert page.headers["Content-Type"].startswith("text/html")
    assert [item["namespace"] for item in shop.status()["releases"]] == ["entrypoint", "qv2"]
    shop.make("deploy", VERSION=1)
    assert shop.get("stock.v1", "/t-shirt").status_code == 200
    assert shop.status()["entrypoint"]["tombstones"] == []
