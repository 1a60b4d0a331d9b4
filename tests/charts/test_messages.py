"""What is posted to Slack, by a real Alertmanager with the configuration that the chart renders."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.charts import running
from tests.charts.rendering import CATALOG, NEWEST, Helm

EXTERNAL = f"http://alertmanager.catalog.v{NEWEST}.shop.localhost:8080"
QUERY = f"http://prometheus.catalog.v{NEWEST}.shop.localhost:8080/graph?g0.expr=up"
ALERT: dict[str, Any] = {
    "labels": {
        "alertname": "httpRequestsSuspicious",
        "component": "catalog",
        "api_version": str(NEWEST),
        "severity": "warning",
    },
    "annotations": {"summary": "3 in a minute", "description": "Look at who sends them."},
    "generatorURL": QUERY,
}
MOUNTED = "/etc/alertmanager/secrets/slack/url"
OPTIONS = {"slack.secretName": "slack", "alertmanager.groupWait": "1ms"}
OPTIONS |= {"alertmanager.groupInterval": "1s"}


@pytest.fixture
def slack() -> Iterator[running.Webhook]:
    with running.webhook() as hook:
        yield hook


@pytest.fixture
def alertmanager(helm: Helm, slack: running.Webhook, tmp_path: Path) -> Iterator[str]:
    """One that runs the rendered configuration; the webhook's URL lies elsewhere than in a pod."""
    options = ",".join(f"prometheus-operated.{name}={value}" for name, value in OPTIONS.items())
    secret = helm.render(CATALOG, "--set", options).one("Secret", "alertmanager-catalog-config")
    rendered = secret["stringData"]["alertmanager.yaml"]
    assert MOUNTED in rendered
    (tmp_path / "url").write_text(slack.url)
    configuration = tmp_path / "alertmanager.yaml"
    configuration.write_text(rendered.replace(MOUNTED, str(tmp_path / "url")))
    with running.alertmanager(configuration, EXTERNAL) as address:
        yield address


def test_a_message_names_the_alert_and_links_to_it(
    alertmanager: str, slack: running.Webhook
) -> None:
    running.tell(alertmanager, ALERT)
    message = slack.received()
    assert message["channel"] == f"#shop-v{NEWEST}"
    [attachment] = message["attachments"]
    assert attachment["title"] == f"FIRING: httpRequestsSuspicious · catalog v{NEWEST}"
    assert attachment["title_link"] == f"{EXTERNAL}/#/alerts?receiver=slack"
    assert ALERT["annotations"]["summary"] in attachment["text"]
    assert f"<{QUERY}|Prometheus>" in attachment["text"]
    assert attachment["color"] == "danger"


def test_a_message_says_when_it_is_over(alertmanager: str, slack: running.Webhook) -> None:
    running.tell(alertmanager, ALERT)
    slack.received()
    running.tell(alertmanager, ALERT | {"endsAt": datetime.now(UTC).isoformat()})
    [attachment] = slack.received()["attachments"]
    assert attachment["title"] == f"RESOLVED: httpRequestsSuspicious · catalog v{NEWEST}"
    assert attachment["color"] == "good"
