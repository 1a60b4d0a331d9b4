"""Every version of every service is watched by a Prometheus and an Alertmanager of its own."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from release.model import services
from tests.conftest import Shop, clean_environment, eventually, open_shop
from tests.slack import Slack, slack_server

COMPONENTS = [f"{service}.v{version}" for service in services.NAMES for version in (1, 2)]


@pytest.fixture(scope="module")
def slack() -> Iterator[Slack]:
    with slack_server() as server:
        yield server


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, slack: Slack) -> Iterator[Shop]:
    """Version 1 tells Slack, version 2 has no webhook."""
    folder = tmp_path_factory.mktemp("watched")
    for shop in open_shop(folder):
        shop.tool("deploy", VERSION=1, SLACK_WEBHOOK_URL=slack.url)
        shop.make("deploy", VERSION=2)
        yield shop


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_prometheus_scrapes_its_own_component_and_nothing_else(
    watched: Shop, component: str
) -> None:
    service, version = component.split(".")

    def up() -> list[tuple[str, str, str]]:
        found = watched.query(component, "up")
        return [
            (one["metric"]["service"], one["metric"]["namespace"], one["value"][1]) for one in found
        ]

    eventually(lambda: up() == [(service, f"q{version}", "1")], what=f"up == 1 in {component}")
    assert [one["metric"]["api_version"] for one in watched.query(component, "build_info")] == [
        version[1:]
    ]


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_prometheus_has_the_rules_and_its_own_alertmanager(watched: Shop, component: str) -> None:
    rules = watched.get(f"prometheus.{component}", "/api/v1/rules").json()["data"]["groups"]
    names = {rule["name"] for group in rules for rule in group["rules"]}
    assert {"httpRequestsSuspicious", "remoteCallSlow"} <= names
    found = watched.get(f"prometheus.{component}", "/api/v1/alertmanagers").json()["data"][
        "activeAlertmanagers"
    ]
    assert len(found) == 1
    alertmanager = requests.get(found[0]["url"].replace("/alerts", "/status"), timeout=5).json()
    own = watched.get(f"alertmanager.{component}", "/api/v2/status").json()
    assert alertmanager["uptime"] == own["uptime"]


def test_three_suspicious_requests_alert_their_own_component_and_it_resolves(
    watched: Shop, slack: Slack
) -> None:
    # The very first scrape may see 3 already: no earlier 0 is needed.
    for _ in range(3):
        watched.get("catalog.v1", headers={"Suspicious-Header": "yes"})
    eventually(
        lambda: watched.alerts("catalog.v1") == ["httpRequestsSuspicious"],
        what="the alert in catalog v1",
    )
    for other in set(COMPONENTS) - {"catalog.v1"}:
        assert watched.alerts(other) == []
    assert [alert["name"] for alert in watched.status()["releases"][0]["alerts"]] == [
        "httpRequestsSuspicious"
    ]

    eventually(lambda: slack.told("#shop-v1", "httpRequestsSuspicious"), what="a Slack message")
    links = re.findall(
        r"http://[^\s|>\"\\]+", str(slack.told("#shop-v1", "httpRequestsSuspicious")[0])
    )
    hosts = {link.split("/")[2].split(":")[0] for link in links}
    assert {
        "alertmanager.catalog.v1.shop.localhost",
        "prometheus.catalog.v1.shop.localhost",
    } <= hosts
    for link in links:
        host, _, path = link.removeprefix("http://").partition("/")
        answer = watched.get(
            host.split(".shop.localhost")[0], f"/{path}".split("#")[0], allow_redirects=True
        )
        assert answer.status_code == 200, link

    eventually(lambda: watched.alerts("catalog.v1") == [], limit=120, what="the alert resolved")
    eventually(
        lambda: slack.told("#shop-v1", "RESOLVED: httpRequestsSuspicious"),
        what="a message that it is over",
    )
    assert not slack.told("#shop-v2", "")


def test_two_suspicious_requests_are_not_enough(watched: Shop) -> None:
    for _ in range(2):
        watched.get("catalog.v2", headers={"Suspicious-Header": "yes"})
    eventually(
        lambda: any(
            float(one["value"][1]) == 2
            for one in watched.query(
                "catalog.v2", 'http_requests_suspicious_total{reason="suspicious_header"}'
            )
        ),
        what="both requests counted",
    )
    counted = datetime.now(UTC)
    eventually(
        lambda: last_evaluation(watched, "catalog.v2", "httpRequestsSuspicious") > counted,
        what="the rule evaluated with both requests counted",
    )
    rule = 'ALERTS{alertname="httpRequestsSuspicious"}'
    assert watched.query("catalog.v2", f"count_over_time({rule}[1m])") == []


def last_evaluation(shop: Shop, component: str, name: str) -> datetime:
    """When the Prometheus of a component last had a look at an alert's rule."""
    groups = shop.get(f"prometheus.{component}", "/api/v1/rules").json()["data"]["groups"]
    [last] = [
        group["lastEvaluation"]
        for group in groups
        if name in [rule["name"] for rule in group["rules"]]
    ]
    return datetime.fromisoformat(last)


def test_a_slow_stock_alerts_the_catalog_that_calls_it(watched: Shop) -> None:
    watched.make("fault", VERSION=1, SERVICE="stock", DELAY=1.5)
    try:

        def slow() -> bool:
            watched.get("catalog.v1")
            return "remoteCallSlow" in watched.alerts("catalog.v1")

        eventually(slow, limit=60, what="remoteCallSlow in catalog v1")
        assert watched.alerts("catalog.v2") == []
    finally:
        watched.make("fault", VERSION=1, SERVICE="stock", OFF=1)


def test_the_webhook_lies_in_no_file_that_others_can_read_and_in_no_record(watched: Shop) -> None:
    assert stat.S_IMODE(watched.state.stat().st_mode) == 0o700
    holders = []
    for path in watched.state.rglob("*"):
        if path.is_file() and Slack.SECRET.encode() in path.read_bytes():
            holders.append(path)
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path.parts[-2:] for path in holders] == [("slack-webhook", "url")]
    for process in watched.processes():
        assert Slack.SECRET not in " ".join(process.cmdline())
        assert Slack.SECRET not in str(process.environ())


def test_without_a_webhook_nothing_complains(watched: Shop) -> None:
    said = watched.make("logs", VERSION=2, SERVICE="alertmanager-catalog").stdout
    assert "err" not in said.lower()


def test_a_webhook_that_is_no_address_is_refused_without_showing_it(watched: Shop) -> None:
    done = watched.make("deploy", check=False, VERSION=1, SLACK_WEBHOOK_URL="not an address")
    assert done.returncode != 0
    assert "SLACK_WEBHOOK_URL does not hold an http(s) address" in done.stderr
    assert "not an address" not in done.stderr


def test_a_caller_s_environment_does_not_reach_the_processes(watched: Shop) -> None:
    assert "PYTEST_CURRENT_TEST" in clean_environment()
    for process in watched.processes():
        assert "PYTEST_CURRENT_TEST" not in process.environ()
