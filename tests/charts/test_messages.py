"""What is posted to Slack, by a real Alertmanager with the configuration that the chart renders."""

import json
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from tests.charts.rendering import Helm, program

ALERT = {
    "labels": {
        "alertname": "httpRequestsSuspicious",
        "component": "catalog",
        "api_version": "1",
        "severity": "warning",
    },
    "annotations": {"summary": "3 in a minute", "description": "Look at who sends them."},
    "generatorURL": "http://prometheus.catalog.v1.shop.localhost:8080/graph?g0.expr=up",
}
EXTERNAL = "http://alertmanager.catalog.v1.shop.localhost:8080"


@pytest.fixture
def slack() -> Iterator[tuple[str, Queue[dict[str, Any]]]]:
    """A webhook's URL, and what was posted to it."""
    posted: Queue[dict[str, Any]] = Queue()

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Webhook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hook", posted
        server.shutdown()


@pytest.fixture
def alertmanager(
    helm: Helm, slack: tuple[str, Queue[dict[str, Any]]], tmp_path: Path
) -> Iterator[str]:
    """Address of an Alertmanager that runs the rendered configuration with a webhook on file."""
    quick = "prometheus-operated.alertmanager.groupWait=1ms"
    quick += ",prometheus-operated.alertmanager.groupInterval=1s"
    release = helm.render(
        "catalog/v1", "--set", f"prometheus-operated.slack.secretName=slack,{quick}"
    )
    secret = release.one("Secret", "alertmanager-catalog-config")["stringData"]
    (tmp_path / "url").write_text(slack[0])
    mounted = "/etc/alertmanager/secrets/slack/url"
    assert mounted in secret["alertmanager.yaml"]
    configuration = tmp_path / "alertmanager.yaml"
    configuration.write_text(secret["alertmanager.yaml"].replace(mounted, str(tmp_path / "url")))
    address = f"127.0.0.1:{free_port()}"
    arguments = {
        "config.file": configuration,
        "storage.path": tmp_path / "data",
        "web.listen-address": address,
        "web.external-url": EXTERNAL,
        "web.route-prefix": "/",
        "cluster.listen-address": "",
    }
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [
                program("alertmanager", "prometheus-alertmanager"),
                *(f"--{name}={value}" for name, value in arguments.items()),
            ],
            stdout=log,
            stderr=log,
        )
    try:
        wait_until_ready(address, process, tmp_path / "log")
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(10)


def test_a_message_names_the_alert_and_links_to_it(
    alertmanager: str, slack: tuple[str, Queue[dict[str, Any]]]
) -> None:
    tell(alertmanager, ALERT)
    message = received(slack[1])
    assert message["channel"] == "#shop-v1"
    [attachment] = message["attachments"]
    assert attachment["title"] == "FIRING: httpRequestsSuspicious · catalog v1"
    assert attachment["title_link"] == f"{EXTERNAL}/#/alerts?receiver=slack"
    assert ALERT["annotations"]["summary"] in attachment["text"]  # type: ignore[index]
    assert f"<{ALERT['generatorURL']}|Prometheus>" in attachment["text"]
    assert attachment["color"] == "danger"


def test_a_message_says_when_it_is_over(
    alertmanager: str, slack: tuple[str, Queue[dict[str, Any]]]
) -> None:
    tell(alertmanager, ALERT)
    received(slack[1])
    tell(
        alertmanager,
        ALERT | {"endsAt": "2020-01-01T00:00:00Z"} | {"startsAt": "2019-01-01T00:00:00Z"},
    )
    [attachment] = received(slack[1])["attachments"]
    assert attachment["title"] == "RESOLVED: httpRequestsSuspicious · catalog v1"
    assert attachment["color"] == "good"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://{address}/-/ready", timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"Alertmanager is not ready: {log.read_text()[-2000:]}")


def tell(alertmanager: str, alert: dict[str, Any]) -> None:
    request = urllib.request.Request(
        f"{alertmanager}/api/v2/alerts",
        json.dumps([alert]).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=5).close()


def received(posted: Queue[dict[str, Any]]) -> dict[str, Any]:
    try:
        return posted.get(timeout=20)
    except Empty:
        pytest.fail("nothing was posted to the webhook")
