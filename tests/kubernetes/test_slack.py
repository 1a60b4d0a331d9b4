"""Alerts reach Slack by an address that only a Secret holds."""

from __future__ import annotations

import json

from tests.conftest import eventually
from tests.kubernetes.cluster import PYTHON, Shop

HOOK = "/services/T0/B0/a-secret-that-nobody-tells"
RECEIVER = """
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
posts = []
class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        posts.append([self.path, json.loads(self.rfile.read(length))])
        self.answer(b"ok")
    def do_GET(self):
        self.answer(json.dumps(posts).encode())
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
ThreadingHTTPServer(("0.0.0.0", 8080), Receiver).serve_forever()
"""


def test_an_alert_is_posted_and_no_record_names_the_address(both: Shop, space: str) -> None:
    both.kubectl(
        "--namespace", space, "run", "receiver", f"--image={PYTHON}", "--port=8080", "--expose",
        "--command", "--", "python", "-c", RECEIVER,
    )  # fmt: skip
    both.kubectl(
        "--namespace", space, "wait", "pod/receiver", "--for=condition=Ready", "--timeout=90s"
    )
    address = f"http://receiver.{space}.svc:8080{HOOK}"
    both.deploy(1, environment={"SLACK_WEBHOOK_URL": address})

    def posts() -> list[tuple[str, dict[str, object]]]:
        # Again and again: a counter that is new is not seen to rise.
        both.ask("catalog.v1", headers={"Suspicious-Header": "yes"})
        found: list[tuple[str, dict[str, object]]] = both.proxied(
            space, "services/receiver:8080", "/"
        )
        return found

    def about_suspicion() -> list[dict[str, object]]:
        """Whatever else fires is posted, too: what is slow on a busy machine."""
        return [each for _, each in posts() if "httpRequestsSuspicious" in json.dumps(each)]

    # Prometheus tells an Alertmanager that was replaced meanwhile once more, after a minute.
    eventually(about_suspicion, limit=150, what="a message")
    assert {path for path, _ in posts()} == {HOOK}
    assert about_suspicion()[0]["channel"] == f"#{both.names.shop}-v1"
    name = both.names.version(1)
    told = both.helm("get", "all", name, "--namespace", name).stdout
    told += both.kubectl("get", "pods,events,alertmanagers", "-n", name, "-o", "yaml")
    assert "a-secret-that-nobody-tells" not in told
